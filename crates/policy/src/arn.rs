//! The resource of a request, taken apart at most once per decision.

use core::cell::OnceCell;

type Segments<'a> = ([&'a str; 4], &'a str);

/// A request's resource. It is literal: a `*` in it is no wildcard.
#[derive(Debug)]
pub(crate) struct RequestResource<'a> {
    text: &'a str,
    /// Partition, service, region, account and the rest, if it is an ARN. Most patterns are
    /// compared with the text as a whole.
    segments: OnceCell<Option<Segments<'a>>>,
}

impl<'a> RequestResource<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, segments: OnceCell::new() }
    }

    fn split(text: &'a str) -> Option<Segments<'a>> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut head = [""; 4];
        for segment in &mut head {
            *segment = parts.next()?;
        }
        Some((head, parts.next()?))
    }

    fn segments(&self) -> Option<&Segments<'a>> {
        self.segments.get_or_init(|| Self::split(self.text)).as_ref()
    }

    /// The whole text.
    pub(crate) const fn text(&self) -> &'a str {
        self.text
    }

    /// Partition, service, region and account of an ARN.
    pub(crate) fn head(&self) -> Option<&[&'a str; 4]> {
        self.segments().map(|(head, _)| head)
    }

    /// What follows the fifth colon of an ARN.
    pub(crate) fn rest(&self) -> Option<&'a str> {
        self.segments().map(|(_, rest)| *rest)
    }
}
