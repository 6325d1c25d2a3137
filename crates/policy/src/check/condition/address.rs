//! IP ranges: host bits after the mask, and private addresses where only public ones arrive.
//!
//! Sources: IAM User Guide, "AWS global condition context keys" (`aws:SourceIp`); RFC 1918, 4193,
//! 6598.

use crate::{
    Span,
    check::{
        issue,
        report::Report,
        tree::{Condition, Word},
    },
    condition::Family,
};
use alloc::{format, vec::Vec};
use core::net::{IpAddr, Ipv4Addr};

pub(super) fn check(condition: &Condition<'_>, report: &mut Report) {
    if condition.operator.family != Family::Ip {
        return;
    }
    for value in &condition.values {
        improve(&value.word, report);
    }
    if condition.key.is("aws:SourceIp") {
        private(condition, report);
    }
}

/// An address and the length of its mask.
fn range(text: &str) -> Option<(IpAddr, u32)> {
    let (address, mask) = text.split_once('/').map_or((text, None), |(a, m)| (a, Some(m)));
    let address: IpAddr = address.parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let mask = mask.map_or(Some(width), |mask| mask.parse().ok())?;
    (mask <= width).then_some((address, mask))
}

/// Host bits are ignored, so they say something that does not hold.
fn improve(word: &Word<'_>, report: &mut Report) {
    let Some((address, mask)) = range(word.text) else { return };
    let base = match address {
        IpAddr::V4(v4) => {
            let kept = u32::MAX.checked_shl(32 - mask).unwrap_or(0);
            IpAddr::from((v4.to_bits() & kept).to_be_bytes())
        }
        IpAddr::V6(v6) => {
            let kept = u128::MAX.checked_shl(128 - mask).unwrap_or(0);
            IpAddr::from((v6.to_bits() & kept).to_be_bytes())
        }
    };
    if base != address {
        let details = format!(
            "The bits of {} after its mask are not looked at. Write {base}/{mask}.",
            word.text
        );
        report.add(issue::IMPROVE_IP_RANGE, [word.span.clone()], details);
    }
}

fn private(condition: &Condition<'_>, report: &mut Report) {
    let values = &condition.values;
    let spans: Vec<Span> = values
        .iter()
        .filter(|value| range(value.word.text).is_some_and(is_private))
        .map(|value| value.word.span.clone())
        .collect();
    if spans.is_empty() {
        return;
    }
    let is_all = spans.len() == values.len();
    let issue = match (condition.operator.negated, is_all) {
        (false, true) => issue::PRIVATE_IP_ADDRESS,
        (false, false) => issue::PRIVATE_IP_ADDRESS_SUBSET,
        (true, true) => issue::PRIVATE_NOTIPADDRESS,
        (true, false) => issue::PRIVATE_NOTIPADDRESS_SUBSET,
    };
    let details = "aws:SourceIp holds public addresses, so these private ones never match. Use \
                   public ones, or aws:VpcSourceIp for requests through an endpoint.";
    report.add(issue, spans, details);
}

/// Whether a range lies within one of those that no public network has.
fn is_private((address, mask): (IpAddr, u32)) -> bool {
    const SHARED: Ipv4Addr = Ipv4Addr::new(100, 64, 0, 0);
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let is_shared = mask >= 10 && v4.to_bits() >> 22 == SHARED.to_bits() >> 22;
            (a == 10 && mask >= 8)
                || (a == 172 && (16..32).contains(&b) && mask >= 12)
                || (a == 192 && b == 168 && mask >= 16)
                || is_shared
        }
        IpAddr::V6(v6) => v6.segments()[0] & 0xfe00 == 0xfc00 && mask >= 7,
    }
}
