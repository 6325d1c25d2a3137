//! The resource of a request, taken apart once per decision.

/// A request's resource. It is literal: a `*` in it is no wildcard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestResource<'a> {
    /// Partition, service, region, account and the rest, if it is an ARN.
    segments: Option<([&'a str; 4], &'a str)>,
}

impl<'a> RequestResource<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { segments: Self::split(text) }
    }

    fn split(text: &'a str) -> Option<([&'a str; 4], &'a str)> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut head = [""; 4];
        for segment in &mut head {
            *segment = parts.next()?;
        }
        Some((head, parts.next()?))
    }

    /// Partition, service, region and account of an ARN.
    pub(crate) fn head(&self) -> Option<&[&'a str; 4]> {
        self.segments.as_ref().map(|(head, _)| head)
    }

    /// What follows the fifth colon of an ARN.
    pub(crate) fn rest(&self) -> Option<&'a str> {
        self.segments.map(|(_, rest)| rest)
    }
}
