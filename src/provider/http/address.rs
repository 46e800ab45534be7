//! Which addresses a helpdesk may have: public ones, and loopback only where an operator's flag says so.
//!
//! Exists because a hostile DNS answer could point a helpdesk's name at the cluster's own services or at a metadata
//! server. Must not know a vendor.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Host suffixes that are reached on this machine over plain http, for the sandbox and tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoopbackEndpoints {
    by_suffix: BTreeMap<String, SocketAddr>,
}

/// Why a flag `SUFFIX=ADDRESS` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopbackError(String);

impl fmt::Display for LoopbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a loopback endpoint: write a host suffix, `=` and a loopback address with its port, for \
             example `zendesk.com=127.0.0.1:8081`",
            self.0
        )
    }
}

impl std::error::Error for LoopbackError {}

impl LoopbackEndpoints {
    /// Adds the endpoint of one flag, for example `zendesk.com=127.0.0.1:8081`.
    ///
    /// # Errors
    /// When it has another form, the port is 0, or the address is not a loopback address.
    pub fn add(&mut self, flag: &str) -> Result<(), LoopbackError> {
        let refused = || LoopbackError(flag.to_owned());
        let (suffix, address) = flag.split_once('=').ok_or_else(refused)?;
        let address: SocketAddr = address.parse().map_err(|_| refused())?;
        if suffix.is_empty() || !address.ip().is_loopback() || address.port() == 0 {
            return Err(refused());
        }
        self.by_suffix.insert(suffix.trim_start_matches('.').to_ascii_lowercase(), address);
        Ok(())
    }

    /// Where `host` is reached, when it is or ends with (at a dot) one of the suffixes.
    pub fn address_of(&self, host: &str) -> Option<SocketAddr> {
        self.by_suffix
            .iter()
            .filter(|(suffix, _)| {
                host.strip_suffix(suffix.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
            .max_by_key(|(suffix, _)| suffix.len())
            .map(|(_, address)| *address)
    }
}

/// Whether an address belongs to the public internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let benchmarking = first == 198 && (second == 18 || second == 19);
    let protocol = first == 192 && second == 0 && third == 0;
    let refused = address.is_unspecified()
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || shared
        || benchmarking
        || protocol
        || first == 0
        || first >= 240;
    !refused
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let segments = address.segments();
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        // NAT64: the IPv4 address inside decides.
        let [high, low] = [segments[6].to_be_bytes(), segments[7].to_be_bytes()];
        return is_public_v4(Ipv4Addr::new(high[0], high[1], low[0], low[1]));
    }
    // Global unicast is 2000::/3; of it 2002::/16 (6to4) and 2001::/23 (Teredo and others) embed other addresses.
    let global = segments[0] & 0xe000 == 0x2000;
    let embedding = segments[0] == 0x2002 || (segments[0] == 0x2001 && segments[1] < 0x200);
    let documentation = segments[0] == 0x2001 && segments[1] == 0xdb8;
    global && !embedding && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_our_own_networks_are_refused() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.192",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:a00:1::1",
            "ff02::1",
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert!(!is_public(address), "{text}");
        }
        for text in ["104.16.51.111", "2606:4700::6810:336f"] {
            let address: IpAddr = text.parse().unwrap();
            assert!(is_public(address), "{text}");
        }
    }

    #[test]
    fn only_loopback_addresses_can_be_endpoints() {
        let mut endpoints = LoopbackEndpoints::default();
        for flag in
            ["zendesk.com", "zendesk.com=10.0.0.1:80", "zendesk.com=127.0.0.1:0", "=127.0.0.1:80", "a=b"]
        {
            assert!(endpoints.add(flag).is_err(), "{flag}");
        }
        endpoints.add("zendesk.com=127.0.0.1:8081").unwrap();
        assert_eq!(endpoints.address_of("loja.zendesk.com"), Some("127.0.0.1:8081".parse().unwrap()));
        assert_eq!(endpoints.address_of("zendesk.com"), Some("127.0.0.1:8081".parse().unwrap()));
        assert_eq!(endpoints.address_of("evilzendesk.com"), None, "a look-alike is not a suffix");
        assert_eq!(endpoints.address_of("zendesk.com.evil.example"), None);
    }
}
