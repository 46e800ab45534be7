//! Where the programs come from, against a local server and a stand-in for Go: nothing here builds or
//! downloads for real.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use axum::Router;
use axum::routing::get;
use sandbox::control_plane::{Assets, KUBERNETES_VERSION, Program};
use sandbox::process::OwnedFolder;
use sha2::{Digest, Sha512};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const BOTH: [Program; 2] = [Program::Etcd, Program::KubeApiserver];

/// Sources that are all absent: an empty cache, no archive, no Go.
fn nothing(folder: &OwnedFolder) -> Assets {
    Assets {
        provided: None,
        cache: folder.path().join("cache"),
        archive_index: None,
        go: folder.path().join("no-go-here").into(),
        module: folder.path().to_path_buf(),
    }
}

fn script(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn says(program: &Path) -> String {
    // Through the shell: a file that was just written can be busy for a moment.
    String::from_utf8(Command::new("/bin/sh").arg(program).output().unwrap().stdout)
        .unwrap()
        .trim()
        .to_owned()
}

/// An archive as envtest publishes it, with programs that say where they are from.
fn archive(folder: &OwnedFolder) -> Vec<u8> {
    let programs = folder.path().join("pack/controller-tools/envtest");
    for name in ["etcd", "kube-apiserver", "kubectl"] {
        script(&programs.join(name), "echo published");
    }
    let file = folder.path().join("pack.tar.gz");
    let root = folder.path().join("pack");
    let packed =
        Command::new("tar").arg("-czf").arg(&file).arg("-C").arg(root).arg("controller-tools").status();
    assert!(packed.unwrap().success());
    fs::read(file).unwrap()
}

/// Serves an index that promises `sum` for `archive` under `version`; returns the index's address.
async fn publish(archive: Vec<u8>, sum: &str, version: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let index = index(address, sum, version);
    let router = Router::new()
        .route("/envtest-releases.yaml", get(move || async move { index }))
        .route("/archive.tar.gz", get(move || async move { archive }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/envtest-releases.yaml")
}

fn index(address: SocketAddr, sum: &str, version: &str) -> String {
    let mut text = "releases:\n  v1.30.0: {}\n".to_owned();
    text += &format!("  {version}:\n");
    for platform in ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"] {
        text += &format!("    envtest-{version}-{platform}.tar.gz:\n      hash: {sum}\n");
        text += &format!("      selfLink: http://{address}/archive.tar.gz\n");
    }
    text
}

fn sha512(bytes: &[u8]) -> String {
    Sha512::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A stand-in for Go that counts its builds and writes what it was asked for; slow enough to overlap.
fn stand_in_for_go(folder: &OwnedFolder) -> PathBuf {
    let go = folder.path().join("go");
    let builds = folder.path().join("builds");
    script(
        &go,
        &format!(
            "[ \"$1\" = version ] && exit 0\n\
             echo build >> {}\nsleep 0.5\n\
             while [ \"$1\" != -o ]; do shift; done\n\
             out=$2; shift 2\n\
             for package in \"$@\"; do printf '#!/bin/sh\\necho built\\n' > \"$out/$package\"; chmod 755 \"$out/$package\"; done",
            builds.display()
        ),
    );
    go
}

#[tokio::test]
async fn archive_with_the_right_sum_is_unpacked_and_cached() {
    let folder = OwnedFolder::temporary("assets").unwrap();
    let archive = archive(&folder);
    let index = publish(archive.clone(), &sha512(&archive), KUBERNETES_VERSION).await;
    let mut assets = Assets { archive_index: Some(index), ..nothing(&folder) };
    let found = assets.locate(&BOTH).await.unwrap();
    assert_eq!(found[0], folder.path().join("cache").join(KUBERNETES_VERSION).join("etcd"));
    assert_eq!((says(&found[0]), says(&found[1])), ("published".to_owned(), "published".to_owned()));

    assets.archive_index = None;
    assert_eq!(assets.locate(&BOTH).await.unwrap(), found);
    assert!(assets.find(Program::Kubectl).is_some());
}

#[tokio::test]
async fn archive_with_a_wrong_sum_is_not_unpacked_and_go_builds_instead() {
    let folder = OwnedFolder::temporary("assets").unwrap();
    let archive = archive(&folder);
    let index = publish(archive.clone(), &sha512(b"another file"), KUBERNETES_VERSION).await;
    let mut assets = Assets { archive_index: Some(index), ..nothing(&folder) };
    assert!(assets.locate(&BOTH).await.is_err());
    assert!(assets.find(Program::Etcd).is_none());

    assets.go = stand_in_for_go(&folder).into();
    assert_eq!(says(&assets.locate(&BOTH).await.unwrap()[0]), "built");
}

#[tokio::test]
async fn newest_patch_release_of_the_pinned_minor_version_serves_where_the_pinned_one_is_not_published() {
    let folder = OwnedFolder::temporary("assets").unwrap();
    let archive = archive(&folder);
    let index = publish(archive.clone(), &sha512(&archive), "v1.36.0").await;
    let assets = Assets { archive_index: Some(index), ..nothing(&folder) };
    assert_eq!(says(&assets.locate(&BOTH).await.unwrap()[1]), "published");

    let folder = OwnedFolder::temporary("assets").unwrap();
    let index = publish(archive.clone(), &sha512(&archive), "v1.35.0").await;
    let assets = Assets { archive_index: Some(index), ..nothing(&folder) };
    assert!(assets.locate(&BOTH).await.is_err());
}

#[tokio::test]
async fn silent_server_is_given_up_within_seconds() {
    let folder = OwnedFolder::temporary("assets").unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let index = format!("http://{}/envtest-releases.yaml", silent.local_addr().unwrap());
    let assets =
        Assets { archive_index: Some(index), go: stand_in_for_go(&folder).into(), ..nothing(&folder) };
    let started = Instant::now();
    assert_eq!(says(&assets.locate(&BOTH).await.unwrap()[0]), "built");
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
}

#[tokio::test]
async fn machine_with_nothing_is_told_what_to_install() {
    let folder = OwnedFolder::temporary("assets").unwrap();
    let refused = nothing(&folder).locate(&BOTH).await.unwrap_err().to_string();
    assert_eq!(refused.lines().count(), 1, "{refused}");
    assert!(
        refused.contains("install Go 1.26 or newer") && refused.contains("KUBEBUILDER_ASSETS"),
        "{refused}"
    );
}

#[tokio::test]
async fn failed_build_shows_what_go_said() {
    let folder = OwnedFolder::temporary("assets").unwrap();
    let go = folder.path().join("go");
    script(&go, "[ \"$1\" = version ] && exit 0\necho 'go.mod: no such module' >&2\nexit 1");
    let assets = Assets { go: go.into(), ..nothing(&folder) };
    let refused = assets.locate(&BOTH).await.unwrap_err().to_string();
    assert!(refused.contains("go.mod: no such module"), "{refused}");
}

#[tokio::test]
async fn provided_folder_comes_before_the_cache_and_an_incomplete_one_is_named() {
    let folder = OwnedFolder::temporary("assets").unwrap();
    let provided = folder.path().join("provided");
    script(&folder.path().join("cache").join(KUBERNETES_VERSION).join("etcd"), "echo cached");
    script(&folder.path().join("cache").join(KUBERNETES_VERSION).join("kube-apiserver"), "echo cached");
    let mut assets = nothing(&folder);
    assert_eq!(says(&assets.locate(&BOTH).await.unwrap()[0]), "cached");

    script(&provided.join("etcd"), "echo provided");
    assets.provided = Some(provided.clone());
    let refused = assets.locate(&BOTH).await.unwrap_err().to_string();
    assert!(refused.contains("KUBEBUILDER_ASSETS") && refused.contains("no kube-apiserver"), "{refused}");

    script(&provided.join("kube-apiserver"), "echo provided");
    assert_eq!(says(&assets.locate(&BOTH).await.unwrap()[0]), "provided");
}

#[tokio::test]
async fn two_at_once_build_once() {
    let folder = OwnedFolder::temporary("assets").unwrap();
    let assets = Assets { go: stand_in_for_go(&folder).into(), ..nothing(&folder) };
    let (first, second) = tokio::join!(assets.locate(&BOTH), assets.locate(&BOTH));
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(fs::read_to_string(folder.path().join("builds")).unwrap().lines().count(), 1);
}
