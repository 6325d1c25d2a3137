//! IP addresses and ranges in CIDR notation.

use core::net::IpAddr;

/// An IP range: its bits, and a mask of those that count. Host bits after the mask are ignored.
#[derive(Debug, Clone)]
pub(super) enum Network {
    V4 { bits: u32, mask: u32 },
    V6 { bits: u128, mask: u128 },
}

/// Reads one address.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    // Nearly every request has one, which is read and not sought.
    dotted(text.as_bytes()).map(IpAddr::from).or_else(|| text.parse().ok())
}

/// An address of version 4 as it is always written. Of all else nothing is said.
#[inline]
fn dotted(text: &[u8]) -> Option<[u8; 4]> {
    let (mut octets, mut at, mut octet, mut digits) = ([0; 4], 0, 0_u32, 0);
    for byte in text {
        match byte {
            // No digit follows a leading zero.
            b'0'..=b'9' if digits == 0 || (digits < 3 && octet > 0) => {
                octet = 10 * octet + u32::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 && at < 3 => {
                octets[at] = u8::try_from(octet).ok()?;
                (at, octet, digits) = (at + 1, 0, 0);
            }
            _ => return None,
        }
    }
    octets[3] = u8::try_from(octet).ok()?;
    (at == 3 && digits > 0).then_some(octets)
}

impl Network {
    /// Reads `address/prefix`; a bare address is a range of one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Some((written, prefix)) = text.split_once('/') else {
            let address = address(text)?;
            return Some(Self::new(address, width(address)));
        };
        let address = address(written)?;
        if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let prefix = prefix.parse().ok().filter(|prefix| *prefix <= width(address))?;
        Some(Self::new(address, prefix))
    }

    fn new(address: IpAddr, prefix: u32) -> Self {
        let host_bits = width(address) - prefix;
        match address {
            IpAddr::V4(address) => Self::V4 {
                bits: address.to_bits(),
                mask: u32::MAX.checked_shl(host_bits).unwrap_or(0),
            },
            IpAddr::V6(address) => Self::V6 {
                bits: address.to_bits(),
                mask: u128::MAX.checked_shl(host_bits).unwrap_or(0),
            },
        }
    }

    /// Whether the range holds `address`. IPv4 and IPv6 never hold each other.
    #[inline]
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4 { bits, mask }, IpAddr::V4(address)) => {
                (address.to_bits() ^ bits) & mask == 0
            }
            (Self::V6 { bits, mask }, IpAddr::V6(address)) => {
                (address.to_bits() ^ bits) & mask == 0
            }
            _ => false,
        }
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, text: &str) -> bool {
        let network = Network::parse(network).expect("a network");
        network.contains(address(text).expect("an address"))
    }

    #[test]
    fn holds_its_range() {
        assert!(contains("203.0.113.0/24", "203.0.113.255"));
        assert!(!contains("203.0.113.0/24", "203.0.114.0"));
        assert!(contains("203.0.113.9/24", "203.0.113.1"), "host bits are ignored");
        assert!(contains("0.0.0.0/0", "255.1.2.3"));
        assert!(contains("::/0", "2001:db8::1"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        assert!(!contains("::/0", "1.2.3.4"));
        assert!(!contains("::ffff:1.2.3.4", "1.2.3.4"));
        assert!(contains("2001:DB8:0::1", "2001:db8::1"));
        assert!(contains("2001:db8::/127", "2001:db8::1"));
        assert!(!contains("2001:db8::/127", "2001:db8::2"));
    }

    #[test]
    fn reads_addresses_as_the_standard_library_does() {
        let same = |text: &str| assert_eq!(address(text), text.parse().ok(), "{text}");
        for text in ["255.10.0.9", "1.2.3.4", "192.168.100.256"] {
            for at in 0..=text.len() {
                for with in ["", "0", "1", "9", ".", "x", "00", ".0"] {
                    let (before, behind) = text.split_at(at);
                    same(&alloc::format!("{before}{with}{behind}"));
                    same(&alloc::format!("{before}{with}{}", behind.get(1..).unwrap_or("")));
                }
            }
        }
        same("99999999999.1.1.1");
    }

    #[test]
    fn refuses_other_texts() {
        for text in ["", "1.2.3", "1.2.3.4/", "1.2.3.4/33", "::/129", "1.2.3.4/-1", "01.2.3.4", "*"]
        {
            assert!(Network::parse(text).is_none(), "{text}");
        }
    }
}
