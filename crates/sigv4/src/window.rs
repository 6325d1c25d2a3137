//! When a signature is good: around its date, or for as long as a presigned request asked.

use alloc::{format, string::String};

use crate::{MAX_EXPIRES_S, Refusal, time};

/// Reads `X-Amz-Expires`, in seconds.
pub(crate) fn expires_s(text: &str) -> Result<i64, Refusal> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = || text.parse().ok().filter(|seconds| *seconds <= MAX_EXPIRES_S);
    if !is_number {
        return Err(Refusal::incomplete("X-Amz-Expires should be a number"));
    }
    number().ok_or_else(|| {
        Refusal::incomplete(
            "X-Amz-Expires must be less than a week (in seconds); \
             that is, the given X-Amz-Expires must be less than 604800 seconds",
        )
    })
}

/// Refuses a signature made too early or too late.
///
/// `life_s` is how long it is good after its date; before its date a clock may be off by
/// `window_s`. A signature is still good in the very last second of either.
pub(crate) fn check(signed_at: i64, life_s: i64, window_s: i64, now: i64) -> Result<(), Refusal> {
    let moment = time::format_basic;
    let oldest = now.saturating_sub(life_s);
    if signed_at < oldest {
        return Err(Refusal::does_not_match(format!(
            "Signature expired: {} is now earlier than {} ({} - {}.)",
            moment(signed_at),
            moment(oldest),
            moment(now),
            length(life_s)
        )));
    }
    let newest = now.saturating_add(window_s);
    if signed_at > newest {
        return Err(Refusal::does_not_match(format!(
            "Signature not yet current: {} is still later than {} ({} + {}.)",
            moment(signed_at),
            moment(newest),
            moment(now),
            length(window_s)
        )));
    }
    Ok(())
}

fn length(seconds: i64) -> String {
    if seconds % 60 == 0 { format!("{} min", seconds / 60) } else { format!("{seconds} sec") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_440_938_160;

    fn message(signed_at: i64, life_s: i64) -> String {
        check(signed_at, life_s, 900, NOW).expect_err("refused").message
    }

    #[test]
    fn the_edges_are_inside() {
        assert_eq!(check(NOW - 900, 900, 900, NOW), Ok(()));
        assert_eq!(check(NOW + 900, 900, 900, NOW), Ok(()));
        assert_eq!(check(NOW - 60, 60, 900, NOW), Ok(()));
    }

    #[test]
    fn aws_texts_outside() {
        assert_eq!(
            message(NOW - 901, 900),
            "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z \
             (20150830T123600Z - 15 min.)"
        );
        assert_eq!(
            message(NOW + 901, 900),
            "Signature not yet current: 20150830T125101Z is still later than 20150830T125100Z \
             (20150830T123600Z + 15 min.)"
        );
        assert!(message(NOW - 91, 90).ends_with("(20150830T123600Z - 90 sec.)"));
    }

    #[test]
    fn expires_is_a_number_up_to_a_week() {
        assert_eq!(expires_s("604800"), Ok(604_800));
        assert_eq!(expires_s("0"), Ok(0));
        for text in ["", "-1", "+1", "1.5", "604801", "99999999999999999999"] {
            let refusal = expires_s(text).expect_err(text);
            assert_eq!((refusal.status, refusal.code), (400, "IncompleteSignature"), "{text}");
        }
    }
}
