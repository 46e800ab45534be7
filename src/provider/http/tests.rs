use super::*;

#[test]
fn only_dns_names_are_hosts() {
    for host in ["loja.zendesk.com", "a-b.example"] {
        assert!(is_host_name(host), "{host}");
    }
    for host in
        ["zendesk", "127.0.0.1", "a..b", "A.example", "a.example:80", "a/b.example", "-a.example", "1.2"]
    {
        assert!(!is_host_name(host), "{host}");
    }
}
