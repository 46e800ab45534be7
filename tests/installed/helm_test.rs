//! The Pod of `helm test`, as a process with the rights that the chart gives it, against the release it belongs to.

use crate::release::Release;

#[tokio::test(flavor = "multi_thread")]
async fn helm_test_finds_a_fresh_install_good_and_says_what_it_looked_at() {
    let release = Release::of_this_chart().await;
    let output = release.run_helm_test().await;
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}{errors}");
    for words in ["Kubernetes v", "definitions", "all ", "none yet: apply a HelpdeskAccount"] {
        assert!(said.contains(words), "no {words:?} in\n{said}");
    }
    assert!(!said.contains("wrong") && !said.contains("warning"), "{said}");
    assert_eq!(release.refused(), Vec::<String>::new(), "what it looks at, it may look at");
}
