//! The archive of etcd, kube-apiserver and kubectl that the envtest project publishes.
//!
//! Why it exists: a download of 100 MB beats a build of minutes. Source of the shape: kubernetes-sigs/controller-tools,
//! `envtest-releases.yaml` maps a version to files, each with a SHA-512 sum (`hash`) and an address
//! (`selfLink`); the tar holds `controller-tools/envtest/<program>`. Must not: unpack anything whose sum is
//! wrong, or keep a machine without network waiting: three seconds to connect, five for a byte.

use super::KUBERNETES_VERSION;
use super::cache::Cache;
use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha512};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The index as published.
pub const PUBLISHED_INDEX: &str =
    "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml";

const CONNECT_LIMIT: Duration = Duration::from_secs(3);
const SILENCE_LIMIT: Duration = Duration::from_secs(5);
const INDEX_LIMIT: Duration = Duration::from_secs(10);
const TOTAL_LIMIT: Duration = Duration::from_secs(300);
/// The archives of 2025 have about 70 MB.
const LARGEST_ARCHIVE: usize = 512 << 20;

#[derive(Debug, Deserialize)]
struct Index {
    releases: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    hash: String,
    #[serde(rename = "selfLink")]
    self_link: String,
}

/// Downloads, checks and unpacks the archive of the pinned version, or of the newest patch release of its
/// minor version that is published; returns the version.
pub(super) async fn fetch(index: &str, cache: &Cache, into: &Path) -> anyhow::Result<String> {
    let client = client()?;
    let text = client.get(index).timeout(INDEX_LIMIT).send().await?.error_for_status()?.text().await?;
    let index: Index =
        serde_saphyr::from_str(&text).context("the index is not the YAML that envtest publishes")?;
    let (version, entry) = choose(&index, platform()?)?;
    let archive = download(&client, &entry.self_link).await?;
    let sum = hexadecimal(&Sha512::digest(&archive));
    ensure!(
        sum.eq_ignore_ascii_case(&entry.hash),
        "the SHA-512 sum of {} is wrong: the index says {}…, the file has {}…",
        entry.self_link,
        entry.hash.get(..12).unwrap_or(&entry.hash),
        &sum[..12]
    );
    let scratch = cache.scratch()?;
    cache.accept(&unpack(&archive, &scratch)?, into)?;
    Ok(version.to_owned())
}

fn client() -> anyhow::Result<reqwest::Client> {
    super::super::install_crypto();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .read_timeout(SILENCE_LIMIT)
        .timeout(TOTAL_LIMIT)
        .build()
        .context("no HTTP client")
}

async fn download(client: &reqwest::Client, address: &str) -> anyhow::Result<Vec<u8>> {
    let mut response = client.get(address).send().await?.error_for_status()?;
    let mut archive = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        ensure!(
            archive.len() + chunk.len() <= LARGEST_ARCHIVE,
            "{address} is larger than any archive of envtest"
        );
        archive.extend_from_slice(&chunk);
    }
    Ok(archive)
}

fn choose<'a>(index: &'a Index, platform: &str) -> anyhow::Result<(&'a str, &'a Entry)> {
    let minor = KUBERNETES_VERSION.rsplit_once('.').map_or(KUBERNETES_VERSION, |(minor, _)| minor);
    let patch =
        |version: &str| -> Option<u32> { version.strip_prefix(minor)?.strip_prefix('.')?.parse().ok() };
    let entry =
        |version: &str| index.releases.get(version)?.get(&format!("envtest-{version}-{platform}.tar.gz"));
    let mut versions: Vec<&String> =
        index.releases.keys().filter(|version| patch(version).is_some()).collect();
    versions.sort_by_key(|version| (version.as_str() == KUBERNETES_VERSION, patch(version)));
    versions
        .into_iter()
        .rev()
        .find_map(|version| Some((version.as_str(), entry(version)?)))
        .with_context(|| format!("envtest publishes no {minor} for {platform}"))
}

/// The platform in the words of Go, which name the archives.
fn platform() -> anyhow::Result<&'static str> {
    Ok(match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-amd64",
        ("linux", "aarch64") => "linux-arm64",
        ("macos", "x86_64") => "darwin-amd64",
        ("macos", "aarch64") => "darwin-arm64",
        (system, processor) => bail!("envtest publishes nothing for {system} on {processor}"),
    })
}

/// Unpacks with the system's `tar`, the archive being checked by now; returns the folder of the programs.
fn unpack(archive: &[u8], into: &Path) -> anyhow::Result<PathBuf> {
    let file = into.join("envtest.tar.gz");
    std::fs::write(&file, archive)?;
    let status = Command::new("tar")
        .arg("-xzf")
        .arg(&file)
        .arg("-C")
        .arg(into)
        .stdin(Stdio::null())
        .status()
        .context("the archive needs the command tar")?;
    ensure!(status.success(), "tar could not unpack the archive");
    let programs = into.join("controller-tools/envtest");
    for name in ["etcd", "kube-apiserver"] {
        ensure!(programs.join(name).is_file(), "the archive lacks {name}");
    }
    Ok(programs)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
