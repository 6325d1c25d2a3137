//! The path of an AWS request, perhaps after one that asks for a consistency or an acknowledgement.
//!
//! `https://host/consistency/strong/` as an SDK's endpoint does for all its calls what the header
//! does for one. What follows is the operation's own path: none for the Query protocol.

use http::StatusCode;

/// What a path asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Path {
    pub(crate) consistency: Option<String>,
    pub(crate) ack: Option<String>,
    /// `/policy/validation`; empty for the root.
    pub(crate) rest: String,
}

impl Path {
    /// Reads a raw path.
    ///
    /// # Errors
    /// 400 for escapes that are not whole and for paths above the root, 404 for a wish that is not
    /// said.
    pub(crate) fn parse(raw: &str) -> Result<Self, StatusCode> {
        let mut path = Path::default();
        let mut segments = Vec::new();
        for segment in raw.split('/') {
            match decode(segment).ok_or(StatusCode::BAD_REQUEST)?.as_str() {
                "" | "." => {}
                ".." => {
                    segments.pop().ok_or(StatusCode::BAD_REQUEST)?;
                }
                segment => segments.push(segment.to_owned()),
            }
        }
        let mut segments = segments.into_iter();
        while let Some(segment) = segments.next() {
            let place = match segment.as_str() {
                "consistency" => &mut path.consistency,
                "ack" => &mut path.ack,
                _ => {
                    let rest = std::iter::once(segment).chain(segments);
                    path.rest = rest.map(|segment| format!("/{segment}")).collect();
                    break;
                }
            };
            *place = Some(segments.next().ok_or(StatusCode::NOT_FOUND)?);
        }
        Ok(path)
    }
}

fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        bytes.push(u8::try_from(digit(0)? * 16 + digit(1)?).ok()?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(consistency: Option<&str>, ack: Option<&str>) -> Result<Path, StatusCode> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Path { consistency: owned(consistency), ack: owned(ack), rest: String::new() })
    }

    #[test]
    fn what_paths_ask_for() {
        for root in ["", "/", "//", "/./", "/consistency/../", "/a/../"] {
            assert_eq!(Path::parse(root), of(None, None), "{root}");
        }
        assert_eq!(Path::parse("/consistency/strong/"), of(Some("strong"), None));
        assert_eq!(Path::parse("/consistency/at-least%3D7"), of(Some("at-least=7"), None));
        assert_eq!(
            Path::parse("/consistency/eventual/ack/all/"),
            of(Some("eventual"), Some("all"))
        );
    }

    #[test]
    fn what_is_no_path_here() {
        for bad in ["/%", "/%4", "/%zz", "/..", "/a/../../", "/%ff"] {
            assert_eq!(Path::parse(bad), Err(StatusCode::BAD_REQUEST), "{bad}");
        }
        for unknown in ["/consistency", "/consistency/strong/ack"] {
            assert_eq!(Path::parse(unknown), Err(StatusCode::NOT_FOUND), "{unknown}");
        }
    }

    #[test]
    fn what_follows_is_the_operations_own() {
        for (raw, rest) in [
            ("/favicon.ico", "/favicon.ico"),
            ("/consistency/strong/policy/validation", "/policy/validation"),
            ("/policy//x/../validation/", "/policy/validation"),
            ("/policy/consistency/strong", "/policy/consistency/strong"),
        ] {
            assert_eq!(Path::parse(raw).map(|path| path.rest), Ok(rest.to_owned()), "{raw}");
        }
    }
}
