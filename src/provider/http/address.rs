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

/// What names stand for where DNS is not asked, for tests. What a name stands for is allowed or refused as if DNS had said
/// it; what is allowed is then reached on a loopback address, with the TLS that the host's own address would have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownNames {
    by_name: BTreeMap<String, Vec<Known>>,
}

/// One address of a known name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// What the name stands for.
    pub(super) address: IpAddr,
    /// Where that is reached: a loopback address.
    pub(super) reached_at: IpAddr,
}

impl From<IpAddr> for Known {
    fn from(address: IpAddr) -> Self {
        Self { address, reached_at: address }
    }
}

/// Why a flag `HOST=ADDRESS@LOOPBACK` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError(String);

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no name with its address: write a host, `=`, the address that it stands for, `@` and the loopback \
             address where that is reached, both without a port, for example `desk-adapter.example=10.96.0.7@127.0.0.1`",
            self.0
        )
    }
}

impl std::error::Error for NameError {}

impl KnownNames {
    /// Adds the address of one flag, for example `desk-adapter.example=10.96.0.7@127.0.0.1`; a name may have several.
    ///
    /// # Errors
    /// When it has another form, or what it is reached at is not a loopback address.
    pub fn add(&mut self, flag: &str) -> Result<(), NameError> {
        let refused = || NameError(flag.to_owned());
        let (name, addresses) = flag.split_once('=').ok_or_else(refused)?;
        let (address, reached_at) = addresses.split_once('@').ok_or_else(refused)?;
        let known = Known {
            address: address.parse().map_err(|_| refused())?,
            reached_at: reached_at.parse().map_err(|_| refused())?,
        };
        if name.is_empty() || !known.reached_at.is_loopback() {
            return Err(refused());
        }
        self.by_name.entry(name.to_ascii_lowercase()).or_default().push(known);
        Ok(())
    }

    /// The addresses of a name; `None` where DNS is to be asked.
    pub(super) fn addresses_of(&self, name: &str) -> Option<Vec<Known>> {
        self.by_name.get(name).cloned()
    }
}

/// Private networks that an adapter may be in, as the operator's flag names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateNetworks {
    networks: Vec<(IpAddr, u8)>,
}

/// Why a flag with a network cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkError(String);

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a private network: write an address, `/` and a length, inside of 10.0.0.0/8, 172.16.0.0/12, \
             192.168.0.0/16, 100.64.0.0/10 or fc00::/7, for example `10.96.0.0/12`",
            self.0
        )
    }
}

impl std::error::Error for NetworkError {}

/// The networks that are private. Loopback, link-local and metadata addresses are not among them: no flag opens them.
const PRIVATE: [(IpAddr, u8); 5] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(100, 64, 0, 0)), 10),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
];

impl PrivateNetworks {
    /// Adds the network of one flag, for example `10.96.0.0/12`.
    ///
    /// # Errors
    /// When it has another form or is not inside of a private network.
    pub fn add(&mut self, flag: &str) -> Result<(), NetworkError> {
        let refused = || NetworkError(flag.to_owned());
        let (address, length) = flag.split_once('/').ok_or_else(refused)?;
        let address: IpAddr = address.parse().map_err(|_| refused())?;
        let length: u8 = length.parse().map_err(|_| refused())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let is_inside =
            |(network, least): &(IpAddr, u8)| length >= *least && is_in(address, (*network, *least));
        if length > most || !PRIVATE.iter().any(is_inside) {
            return Err(refused());
        }
        self.networks.push((address, length));
        Ok(())
    }

    /// Whether no network was named.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Whether an address is in one of the networks.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| is_in(address, *network))
    }
}

fn is_in(address: IpAddr, (network, length): (IpAddr, u8)) -> bool {
    let shares =
        |bits: u32, difference: u128| difference.checked_shr(bits - u32::from(length)).unwrap_or(0) == 0;
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            shares(32, u128::from(address.to_bits() ^ network.to_bits()))
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => shares(128, address.to_bits() ^ network.to_bits()),
        _ => false,
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

    #[test]
    fn a_name_has_the_addresses_that_flags_give_it_and_no_other_name_has_them() {
        let mut names = KnownNames::default();
        for flag in [
            "a.example",
            "a.example=10.0.0.1",
            "=10.0.0.1@127.0.0.1",
            "a.example=b.example@127.0.0.1",
            "a.example=10.0.0.1:80@127.0.0.1",
            "a.example=10.0.0.1@10.0.0.1",
        ] {
            assert!(names.add(flag).is_err(), "{flag}");
        }
        names.add("A.example=10.0.0.1@127.0.0.1").unwrap();
        names.add("a.example=fd00::2@::1").unwrap();
        let stands_for = |name: &str| {
            let known = names.addresses_of(name)?;
            Some(known.iter().map(|known| format!("{} at {}", known.address, known.reached_at)).collect())
        };
        let expected = ["10.0.0.1 at 127.0.0.1", "fd00::2 at ::1"].map(str::to_owned);
        assert_eq!(stands_for("a.example"), Some(expected.to_vec()));
        assert_eq!(stands_for("b.a.example"), None, "DNS is asked");
    }

    #[test]
    fn only_private_networks_can_be_opened() {
        let mut networks = PrivateNetworks::default();
        for flag in [
            "10.0.0.0",
            "0.0.0.0/0",
            "10.0.0.0/7",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "169.254.169.254/32",
            "8.8.8.0/24",
            "10.0.0.0/33",
            "fe80::/10",
            "::/0",
            "::1/128",
        ] {
            assert!(networks.add(flag).is_err(), "{flag}");
        }
        for flag in ["10.96.0.0/12", "192.168.7.7/32", "fd00:1::/64"] {
            networks.add(flag).unwrap();
        }
        let contains = |text: &str| networks.contains(text.parse().unwrap());
        for inside in ["10.96.0.1", "10.111.255.255", "192.168.7.7", "fd00:1::5"] {
            assert!(contains(inside), "{inside}");
        }
        for outside in
            ["10.112.0.0", "10.95.255.255", "192.168.7.8", "fd00:2::5", "127.0.0.1", "169.254.169.254"]
        {
            assert!(!contains(outside), "{outside}");
        }
    }
}
