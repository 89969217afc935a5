//! Address classes: special-purpose IP addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The class of a special-purpose address (IANA IPv4 and IPv6 Special-Purpose Address Registries).
///
/// An IPv6 address that stands for an IPv4 address has that one's class where the packets are sure to go there: mapped
/// addresses (RFC 4291, section 2.5.5.2) and the well-known NAT64 prefix (RFC 6052), by which networks without IPv4
/// reach the public internet. Other forms are [`Embedded`](Self::Embedded), whatever they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum AddressClass {
    /// The unspecified address: on some systems this machine (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.2).
    #[error("the unspecified address")]
    Unspecified,
    /// A host on this network, whose network part is missing (RFC 1122, section 3.2.1.3).
    #[error("an address of its own network only")]
    ThisNetwork,
    /// This machine (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3).
    #[error("a loopback address")]
    Loopback,
    /// A public address of this machine's own. [`of`](Self::of) never returns it, since it does not know the machine.
    #[error("an address of this machine")]
    ThisMachine,
    /// A private network (RFC 1918; RFC 4193; formerly RFC 3879).
    #[error("a private address")]
    Private,
    /// A link-local address (RFC 3927; RFC 4291, section 2.5.6).
    #[error("a link-local address")]
    LinkLocal,
    /// A cloud's metadata service, which hands credentials to its machines: not in a standard, but in each provider's
    /// documentation.
    #[error("an address of a cloud's metadata service")]
    Metadata,
    /// Shared address space behind a carrier's NAT (RFC 6598).
    #[error("an address shared behind a carrier")]
    Shared,
    /// A multicast group (RFC 5771; RFC 4291, section 2.7).
    #[error("a multicast address")]
    Multicast,
    /// Broadcast to all hosts of the link (RFC 919).
    #[error("the broadcast address")]
    Broadcast,
    /// Reserved for documentation (RFC 5737; RFC 3849; RFC 9637).
    #[error("an address for documentation")]
    Documentation,
    /// Reserved for benchmarks (RFC 2544; RFC 5180).
    #[error("an address for benchmarks")]
    Benchmarking,
    /// An IPv6 address that holds an IPv4 address, which a translator or a tunnel nearby may use: compatible addresses
    /// (RFC 4291, section 2.5.5.1), a network's own NAT64 (RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380).
    #[error("an address that hides an IPv4 address")]
    Embedded,
    /// Reserved for protocols or the future (RFC 1112, section 4; RFC 2928; RFC 6890; RFC 7526), and all of IPv6 that
    /// is not assigned for unicast (RFC 4291, section 2.4).
    #[error("a reserved address")]
    Reserved,
}

/// The known networks. The first that contains an address decides.
const NETWORKS: &[(IpNet, AddressClass)] = &[
    // Amazon, Google, Microsoft, OpenStack and others; Amazon's containers; Alibaba; Oracle; Microsoft's "wire server".
    v4([169, 254, 169, 254], 32, AddressClass::Metadata),
    v4([169, 254, 170, 2], 32, AddressClass::Metadata),
    v4([169, 254, 170, 23], 32, AddressClass::Metadata),
    v4([100, 100, 100, 200], 32, AddressClass::Metadata),
    v4([192, 0, 0, 192], 32, AddressClass::Metadata),
    v4([168, 63, 129, 16], 32, AddressClass::Metadata),
    v4([0, 0, 0, 0], 32, AddressClass::Unspecified),
    v4([0, 0, 0, 0], 8, AddressClass::ThisNetwork),
    v4([10, 0, 0, 0], 8, AddressClass::Private),
    v4([100, 64, 0, 0], 10, AddressClass::Shared),
    v4([127, 0, 0, 0], 8, AddressClass::Loopback),
    v4([169, 254, 0, 0], 16, AddressClass::LinkLocal),
    v4([172, 16, 0, 0], 12, AddressClass::Private),
    v4([192, 0, 0, 0], 24, AddressClass::Reserved),
    v4([192, 0, 2, 0], 24, AddressClass::Documentation),
    v4([192, 88, 99, 0], 24, AddressClass::Reserved),
    v4([192, 168, 0, 0], 16, AddressClass::Private),
    v4([198, 18, 0, 0], 15, AddressClass::Benchmarking),
    v4([198, 51, 100, 0], 24, AddressClass::Documentation),
    v4([203, 0, 113, 0], 24, AddressClass::Documentation),
    v4([224, 0, 0, 0], 4, AddressClass::Multicast),
    v4([255, 255, 255, 255], 32, AddressClass::Broadcast),
    v4([240, 0, 0, 0], 4, AddressClass::Reserved),
    // Amazon, its containers, Google.
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128, AddressClass::Metadata),
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23], 128, AddressClass::Metadata),
    v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128, AddressClass::Metadata),
    v6([0, 0, 0, 0, 0, 0, 0, 0], 128, AddressClass::Unspecified),
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128, AddressClass::Loopback),
    v6([0, 0, 0, 0, 0, 0, 0, 0], 96, AddressClass::Embedded),
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, AddressClass::Embedded),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, AddressClass::Embedded),
    v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, AddressClass::Benchmarking),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, AddressClass::Reserved),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, AddressClass::Documentation),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, AddressClass::Embedded),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, AddressClass::Documentation),
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, AddressClass::Private),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, AddressClass::LinkLocal),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, AddressClass::Private),
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, AddressClass::Multicast),
];

/// The part of IPv6 that is assigned for unicast (IANA IPv6 Address Space).
const UNICAST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The well-known NAT64 prefix (RFC 6052, section 2.1): the last 32 bits are the IPv4 address.
const NAT64: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

const fn v4(address: [u8; 4], prefix: u8, class: AddressClass) -> (IpNet, AddressClass) {
    (IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from_octets(address), prefix)), class)
}

const fn v6(address: [u16; 8], prefix: u8, class: AddressClass) -> (IpNet, AddressClass) {
    (IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::from_segments(address), prefix)), class)
}

impl AddressClass {
    /// The class of an address. None for one of the public internet.
    pub fn of(address: IpAddr) -> Option<Self> {
        let address = translated(address);
        let known = NETWORKS.iter().find(|(network, _)| network.contains(&address));
        match (known, address) {
            (Some((_, class)), _) => Some(*class),
            (None, IpAddr::V6(address)) if !UNICAST.contains(&address) => Some(Self::Reserved),
            (None, _) => None,
        }
    }

    /// The class of an address to the machine whose interfaces have `own`.
    pub(crate) fn here(address: IpAddr, own: &[IpAddr]) -> Option<Self> {
        let is_own = || own.iter().any(|own| own.to_canonical() == translated(address));
        Self::of(address).or_else(|| is_own().then_some(Self::ThisMachine))
    }
}

/// The address that packets for this one reach.
fn translated(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if NAT64.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::AddressClass::{
        Benchmarking, Broadcast, Documentation, Embedded, LinkLocal, Loopback, Metadata, Multicast, Private, Reserved,
        Shared, ThisNetwork, Unspecified,
    };
    use super::*;

    fn class(address: &str) -> Option<AddressClass> {
        AddressClass::of(address.parse().unwrap())
    }

    /// Each class holds from its address up to the one before the next.
    fn holds_between(borders: &[(&str, Option<AddressClass>)], ip: fn(u128) -> IpAddr, number: fn(&str) -> u128) {
        for pair in borders.windows(2) {
            let [(first, expected), (next, _)] = pair else { unreachable!() };
            for address in [ip(number(first)), ip(number(next) - 1)] {
                assert_eq!(AddressClass::of(address), *expected, "{address}");
            }
        }
        let (last, expected) = borders.last().unwrap();
        assert_eq!(class(last), *expected);
    }

    #[test]
    fn all_of_ipv4_is_told_apart() {
        let borders = [
            ("0.0.0.0", Some(Unspecified)),
            ("0.0.0.1", Some(ThisNetwork)),
            ("1.0.0.0", None),
            ("10.0.0.0", Some(Private)),
            ("11.0.0.0", None),
            ("100.64.0.0", Some(Shared)),
            ("100.100.100.200", Some(Metadata)),
            ("100.100.100.201", Some(Shared)),
            ("100.128.0.0", None),
            ("127.0.0.0", Some(Loopback)),
            ("128.0.0.0", None),
            ("168.63.129.16", Some(Metadata)),
            ("168.63.129.17", None),
            ("169.254.0.0", Some(LinkLocal)),
            ("169.254.169.254", Some(Metadata)),
            ("169.254.169.255", Some(LinkLocal)),
            ("169.254.170.2", Some(Metadata)),
            ("169.254.170.3", Some(LinkLocal)),
            ("169.254.170.23", Some(Metadata)),
            ("169.254.170.24", Some(LinkLocal)),
            ("169.255.0.0", None),
            ("172.16.0.0", Some(Private)),
            ("172.32.0.0", None),
            ("192.0.0.0", Some(Reserved)),
            ("192.0.0.192", Some(Metadata)),
            ("192.0.0.193", Some(Reserved)),
            ("192.0.1.0", None),
            ("192.0.2.0", Some(Documentation)),
            ("192.0.3.0", None),
            ("192.88.99.0", Some(Reserved)),
            ("192.88.100.0", None),
            ("192.168.0.0", Some(Private)),
            ("192.169.0.0", None),
            ("198.18.0.0", Some(Benchmarking)),
            ("198.20.0.0", None),
            ("198.51.100.0", Some(Documentation)),
            ("198.51.101.0", None),
            ("203.0.113.0", Some(Documentation)),
            ("203.0.114.0", None),
            ("224.0.0.0", Some(Multicast)),
            ("240.0.0.0", Some(Reserved)),
            ("255.255.255.255", Some(Broadcast)),
        ];
        holds_between(
            &borders,
            |number| IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap())),
            |address| u128::from(u32::from(address.parse::<Ipv4Addr>().unwrap())),
        );
    }

    #[test]
    fn all_of_ipv6_is_told_apart() {
        let borders = [
            ("::", Some(Unspecified)),
            ("::1", Some(Loopback)),
            ("::2", Some(Embedded)),
            ("::1:0:0", Some(Reserved)),
            ("::ffff:0.0.0.0", Some(Unspecified)),
            ("::ffff:0.0.0.1", Some(ThisNetwork)),
            ("::ffff:1.0.0.0", None),
            ("::ffff:10.0.0.0", Some(Private)),
            ("::ffff:11.0.0.0", None),
            ("::ffff:224.0.0.0", Some(Multicast)),
            ("::ffff:240.0.0.0", Some(Reserved)),
            ("::ffff:255.255.255.255", Some(Broadcast)),
            ("::1:0:0:0", Some(Reserved)),
            ("64:ff9b::", Some(Unspecified)),
            ("64:ff9b::0.0.0.1", Some(ThisNetwork)),
            ("64:ff9b::1.0.0.0", None),
            ("64:ff9b::10.0.0.0", Some(Private)),
            ("64:ff9b::11.0.0.0", None),
            ("64:ff9b::224.0.0.0", Some(Multicast)),
            ("64:ff9b::240.0.0.0", Some(Reserved)),
            ("64:ff9b::255.255.255.255", Some(Broadcast)),
            ("64:ff9b::1:0:0", Some(Reserved)),
            ("64:ff9b:1::", Some(Embedded)),
            ("64:ff9b:2::", Some(Reserved)),
            ("2000::", None),
            ("2001::", Some(Embedded)),
            ("2001:1::", Some(Reserved)),
            ("2001:2::", Some(Benchmarking)),
            ("2001:2:1::", Some(Reserved)),
            ("2001:200::", None),
            ("2001:db8::", Some(Documentation)),
            ("2001:db9::", None),
            ("2002::", Some(Embedded)),
            ("2003::", None),
            ("3fff::", Some(Documentation)),
            ("3fff:1000::", None),
            ("4000::", Some(Reserved)),
            ("fc00::", Some(Private)),
            ("fd00:ec2::23", Some(Metadata)),
            ("fd00:ec2::24", Some(Private)),
            ("fd00:ec2::254", Some(Metadata)),
            ("fd00:ec2::255", Some(Private)),
            ("fd20:ce::254", Some(Metadata)),
            ("fd20:ce::255", Some(Private)),
            ("fe00::", Some(Reserved)),
            ("fe80::", Some(LinkLocal)),
            ("fec0::", Some(Private)),
            ("ff00::", Some(Multicast)),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some(Multicast)),
        ];
        holds_between(
            &borders,
            |number| IpAddr::V6(Ipv6Addr::from(number)),
            |address| address.parse::<Ipv6Addr>().unwrap().into(),
        );
    }

    #[test]
    fn a_public_address_of_an_interface_is_this_machine_however_it_is_written() {
        let own = ["8.8.8.8", "::ffff:9.9.9.9", "2600::1", "127.0.0.1"].map(|address| address.parse().unwrap());
        let here = |address: &str| AddressClass::here(address.parse().unwrap(), &own);
        for address in ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "9.9.9.9", "2600::1"] {
            assert_eq!(here(address), Some(AddressClass::ThisMachine), "{address}");
        }
        for (address, expected) in [("8.8.8.9", None), ("2600::2", None), ("127.0.0.1", Some(Loopback))] {
            assert_eq!(here(address), expected, "{address}");
        }
    }

    #[test]
    fn an_address_that_stands_for_another_is_what_that_one_is() {
        for (address, expected) in [
            ("127.0.0.1", Some(Loopback)),
            ("169.254.169.254", Some(Metadata)),
            ("192.168.1.1", Some(Private)),
            ("8.8.8.8", None),
        ] {
            assert_eq!(class(&format!("::ffff:{address}")), expected);
            assert_eq!(class(&format!("64:ff9b::{address}")), expected);
            assert_eq!(class(&format!("::{address}")), Some(Embedded));
        }
    }
}
