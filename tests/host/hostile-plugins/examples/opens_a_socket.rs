//! Goes to the network around wasi:http: TCP, UDP and name lookup.

hostile_plugins::plugin!(|call| {
    use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};

    use wasi::sockets::network::IpAddressFamily;
    use wasi::sockets::tcp_create_socket::create_tcp_socket;
    use wasi::sockets::udp_create_socket::create_udp_socket;

    let said = |happened: bool| if happened { "done" } else { "refused" }.to_owned();
    let udp = || UdpSocket::bind("127.0.0.1:0")?.send_to(b"x", call.authority());
    let facts = vec![
        ("connect", said(TcpStream::connect(call.authority()).is_ok())),
        ("listen", said(TcpListener::bind("127.0.0.1:0").is_ok())),
        ("udp", said(udp().is_ok())),
        // Without an address, which is refused of itself.
        ("bare tcp", said(create_tcp_socket(IpAddressFamily::Ipv4).is_ok())),
        ("bare udp", said(create_udp_socket(IpAddressFamily::Ipv4).is_ok())),
        ("lookup", said("localhost:80".to_socket_addrs().is_ok())),
    ];
    succeeded_with(report("it tried"), facts)
});
