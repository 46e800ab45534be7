//! Which of the vendor's APIs a request is for, by its host and path.
//!
//! Must know every documented spelling of a path and no resource.

use std::net::IpAddr;

/// One API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Partner API of Zenvia Chat.
    Partner,
    /// Account-token API of Zenvia Chat.
    External,
    /// What bots use: online agents, interactions.
    Core,
    /// Webhooks of api.zenvia.com.
    Subscriptions,
}

/// Hosts that the simulator answers for; any other name chooses by the path alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// `zchat.zenvia.io`.
    Chat,
    /// `api.zenvia.com`.
    Api,
    /// `partner.omnize.com`, where the Partner API was before.
    Omnize,
    /// An address, `localhost`, a name of a cluster.
    Any,
    /// Another host of the vendor.
    Unknown,
}

/// Reads a `Host` header.
pub(crate) fn host(text: &str) -> Host {
    let name = text.split(':').next().unwrap_or_default().to_lowercase();
    let vendor = [".zenvia.io", ".zenvia.com", ".omnize.com"].iter().any(|end| name.ends_with(end));
    match name.as_str() {
        "zchat.zenvia.io" => Host::Chat,
        "api.zenvia.com" => Host::Api,
        "partner.omnize.com" => Host::Omnize,
        _ if vendor && name.parse::<IpAddr>().is_err() => Host::Unknown,
        _ => Host::Any,
    }
}

const SPELLINGS: [(&str, Surface); 10] = [
    ("/partner/api", Surface::Partner),
    // The accented letter of the older notes, percent-encoded in both cases and raw.
    ("/partner/ap%C3%AD", Surface::Partner),
    ("/partner/ap%c3%ad", Surface::Partner),
    ("/partner/apí", Surface::Partner),
    ("/api/partner", Surface::Partner),
    ("/api/v1", Surface::Partner),
    ("/api/external", Surface::External),
    ("/core/api/v1", Surface::Core),
    ("/v2", Surface::Subscriptions),
    ("/v1", Surface::Subscriptions),
];

/// The API of a path and the segments behind its prefix.
pub(crate) fn split(path: &str) -> Option<(Surface, Vec<&str>)> {
    SPELLINGS.iter().find_map(|(prefix, surface)| {
        let rest = path.strip_prefix(prefix)?;
        let segments = || rest.split('/').filter(|segment| !segment.is_empty()).collect();
        (rest.is_empty() || rest.starts_with('/')).then(|| (*surface, segments()))
    })
}

/// Whether a host serves a path at all.
pub(crate) fn serves(host: Host, path: &str) -> bool {
    let surface = split(path).map(|(surface, _)| surface);
    match host {
        Host::Any => true,
        Host::Unknown => false,
        Host::Api => surface == Some(Surface::Subscriptions),
        Host::Omnize => path.starts_with("/api/v1"),
        Host::Chat => surface != Some(Surface::Subscriptions) && !path.starts_with("/api/v1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_partner_api_is_known() {
        for prefix in ["/partner/api", "/partner/ap%C3%AD", "/partner/ap%c3%ad", "/api/partner", "/api/v1"] {
            let path = format!("{prefix}/agents/7");
            assert_eq!(split(&path), Some((Surface::Partner, vec!["agents", "7"])), "{path}");
        }
        assert_eq!(split("/partner/apix/agents"), None);
    }

    #[test]
    fn a_host_serves_its_own_paths_only() {
        assert!(serves(host("api.zenvia.com:443"), "/v1/subscriptions"));
        assert!(!serves(host("api.zenvia.com"), "/partner/api/agents"));
        assert!(!serves(host("zchat.zenvia.io"), "/v2/subscriptions"));
        assert!(serves(host("zchat.zenvia.io"), "/core/api/v1/agents/online"));
        assert!(serves(host("127.0.0.1:4020"), "/v2/subscriptions"));
        assert!(!serves(host("app.zenvia.com"), "/v2/subscriptions"));
    }
}
