//! Sets the stage: resource definitions, namespaces, the operator's rights, the example manifests.
//!
//! Why it exists: everything that a person would do with kubectl before the operator starts. Must not: write
//! what the operator writes.

use super::Helpdesk;
use super::operator::{OPERATOR_NAMESPACE, RIGHTS};
use super::stores;
use crate::control_plane::{apply, install_crds, parse_manifests, read_manifest_files};
use anyhow::{Context, ensure};
use kube::Client;
use kube::api::DynamicObject;
use std::collections::BTreeSet;
use std::path::PathBuf;

const FIELD_MANAGER: &str = "sandbox";

/// The folders of what is applied.
pub(super) struct Stage {
    /// The resource definitions.
    pub(super) crds: PathBuf,
    /// The accounts, Secrets and stores.
    pub(super) examples: PathBuf,
}

impl Stage {
    /// Applies everything; returns the keys of the stores (`namespace/name`).
    pub(super) async fn set(
        &self,
        client: &Client,
        helpdesks: &[Box<dyn Helpdesk>],
    ) -> anyhow::Result<BTreeSet<String>> {
        let examples = self.examples(helpdesks)?;
        install_crds(client, &self.crds).await?;
        let used = examples.iter().filter_map(|object| object.metadata.namespace.clone());
        for name in used.chain([OPERATOR_NAMESPACE.to_owned()]).collect::<BTreeSet<_>>() {
            let namespace = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: \"{name}\"}}");
            apply_all(client, &parse_manifests(&namespace)?).await?;
        }
        apply_all(client, &parse_manifests(RIGHTS)?).await?;
        // A store is declared after what it refers to, as a person would do it.
        let (stores, others): (Vec<_>, Vec<_>) = examples.into_iter().partition(stores::is_store);
        apply_all(client, &others).await?;
        apply_all(client, &stores).await?;
        ensure!(
            !stores.is_empty(),
            "{} holds no HumanSupportConfig: add a store, or name another folder with --examples",
            self.examples.display()
        );
        Ok(stores.iter().map(stores::key).collect())
    }

    fn examples(&self, helpdesks: &[Box<dyn Helpdesk>]) -> anyhow::Result<Vec<DynamicObject>> {
        let placeholders: Vec<(String, String)> =
            helpdesks.iter().flat_map(|helpdesk| helpdesk.placeholders()).collect();
        let mut objects = Vec::new();
        for (file, text) in read_manifest_files(&self.examples)? {
            let text = fill(&text, &placeholders).with_context(|| file.display().to_string())?;
            objects.extend(parse_manifests(&text).with_context(|| file.display().to_string())?);
        }
        Ok(objects)
    }
}

async fn apply_all(client: &Client, objects: &[DynamicObject]) -> anyhow::Result<()> {
    for object in objects {
        apply(client, object, FIELD_MANAGER).await?;
    }
    Ok(())
}

/// Replaces `${NAME}`; a name that nobody fills is an error, since the API server would store it as text.
fn fill(text: &str, placeholders: &[(String, String)]) -> anyhow::Result<String> {
    let mut filled = text.to_owned();
    for (name, value) in placeholders {
        filled = filled.replace(&format!("${{{name}}}"), value);
    }
    if let Some(start) = filled.find("${") {
        let rest = &filled[start..];
        let name = &rest[..rest.find('}').map_or(rest.len(), |end| end + 1)];
        let known: Vec<&str> = placeholders.iter().map(|(name, _)| name.as_str()).collect();
        anyhow::bail!("nothing fills {name}; there are: {}", known.join(", "));
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn placeholder_is_filled_and_an_unknown_one_is_named() {
        let known = [("ZENDESK_HOST".to_owned(), "127.0.0.1:4711".to_owned())];
        assert_eq!(fill("host: ${ZENDESK_HOST}", &known).unwrap(), "host: 127.0.0.1:4711");
        let refused = fill("host: ${ZENVIA_HOST}", &known).unwrap_err().to_string();
        assert_eq!(refused, "nothing fills ${ZENVIA_HOST}; there are: ZENDESK_HOST");
    }
}
