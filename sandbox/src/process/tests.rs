//! What a guarded child promises, with ordinary programs of the system.

use super::{GuardedChild, Launch, OwnedFolder, Signal};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);

fn shell(folder: &OwnedFolder, script: &str) -> GuardedChild {
    let launch = Launch::new("/bin/sh", folder.path().join("log")).args(["-c", script]);
    GuardedChild::spawn(&launch).unwrap()
}

#[tokio::test]
async fn exit_status_and_output_are_the_programs_own() {
    let folder = OwnedFolder::temporary("guarded").unwrap();
    let mut child = shell(&folder, "echo one; echo two; echo three >&2; exit 7");
    assert_eq!(child.wait(LIMIT).await.unwrap().unwrap().code(), Some(7));
    assert_eq!(child.last_output(2), "two\nthree");
}

#[tokio::test]
async fn signal_reaches_the_program() {
    let folder = OwnedFolder::temporary("guarded").unwrap();
    let mut child = shell(&folder, "exec sleep 60");
    child.signal(Signal::Terminate).unwrap();
    assert_eq!(child.wait(LIMIT).await.unwrap().unwrap().signal(), Some(15));
    assert!(child.signal(Signal::Terminate).is_err());
}

#[tokio::test]
async fn frozen_program_that_ignores_the_request_is_killed() {
    let folder = OwnedFolder::temporary("guarded").unwrap();
    let mut child = shell(&folder, "exec sleep 60");
    child.signal(Signal::Stop).unwrap();
    assert_eq!(child.stop(Duration::from_millis(200)).await.unwrap().signal(), Some(9));
}

#[tokio::test]
async fn missing_program_is_named_in_the_log() {
    let folder = OwnedFolder::temporary("guarded").unwrap();
    let mut child = GuardedChild::spawn(&Launch::new("/nowhere/etcd", folder.path().join("log"))).unwrap();
    assert_eq!(child.wait(LIMIT).await.unwrap().unwrap().code(), Some(127));
    assert!(child.last_output(5).contains("/nowhere/etcd"), "{}", child.last_output(5));
}

#[test]
fn temporary_folder_goes_with_its_value_and_a_kept_one_stays() {
    let temporary = OwnedFolder::temporary("guarded").unwrap();
    let inside = temporary.path().join("kept");
    drop(OwnedFolder::kept(&inside).unwrap());
    assert!(inside.is_dir());
    let path = temporary.path().to_path_buf();
    drop(temporary);
    assert!(!Path::new(&path).exists());
}
