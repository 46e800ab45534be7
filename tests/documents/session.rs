//! A document worked through from top to bottom, as its reader would.
//!
//! Must not: change a command. What stands for the reader's own values is replaced as `table.rs` says, and nothing else.

use std::fs;

use clap::{Args as _, Command, FromArgMatches as _};
use sandbox::adapter::Adapter;
use serde_json::Value;

use crate::outputs;
use crate::pages::{Page, Step, Typed};
use crate::setting::Setting;
use crate::shell::{Ran, Shell};
use crate::table;

/// The start of a command that runs the operator in a terminal of its own.
const RUN: &str = "humansupport run ";
/// The start of a command that runs the reference adapter in a terminal of its own.
const ADAPTER: &str = "cargo sandbox -- adapter ";

/// A reader at work.
pub(crate) struct Session {
    /// The reader's machine, cluster and helpdesk.
    pub(crate) setting: Setting,
    shell: Shell,
    adapter: Option<Adapter>,
    /// What is replaced in this session beside the table: addresses of servers that run here elsewhere.
    addresses: Vec<(String, String)>,
}

impl Session {
    /// A reader who has cloned the repository, and an empty cluster.
    pub(crate) async fn new() -> Self {
        let setting = Setting::new().await;
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", setting.programs().display());
        let shell = Shell::start((&setting.work(), &setting.home()), &path, &setting.notes());
        Self { setting, shell, adapter: None, addresses: Vec::new() }
    }

    /// Works through a document.
    pub(crate) async fn follow(&mut self, path: &str) {
        let page = Page::read(path);
        assert!(page.commands().next().is_some(), "{path} has no command");
        self.take(path, &page.steps).await;
    }

    /// Works through one section of a document.
    pub(crate) async fn follow_section(&mut self, path: &str, title: &str) {
        let page = Page::read(path);
        let is_title = |step: &Step| matches!(step, Step::Section(found) if found == title);
        let start = page.steps.iter().position(is_title).unwrap_or_else(|| panic!("{path} has no `{title}`"));
        let rest = &page.steps[start + 1..];
        let end = rest.iter().position(|step| matches!(step, Step::Section(_))).unwrap_or(rest.len());
        assert!(
            rest[..end].iter().any(|step| matches!(step, Step::Run(_))),
            "{path}: `{title}` has no command"
        );
        self.take(path, &rest[..end]).await;
    }

    async fn take(&mut self, path: &str, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Section(_) => {}
                Step::Save(name, text) => self.save(name, &table::filled(path, text)),
                Step::Edit(name, fields) => self.edit(name, &self.filled(path, fields)),
                Step::Run(typed) if table::is_run(typed) => self.type_in(path, typed).await,
                Step::Run(_) => {}
            }
        }
    }

    /// Runs a command that has to succeed.
    pub(crate) async fn run(&mut self, command: &str) -> Ran {
        let ran = self.shell.run(command).await;
        assert_eq!(ran.code, 0, "{command}: {ran:?}\n{}", self.setting.log_tail());
        self.setting.kubelet().await;
        ran
    }

    /// The text with the reader's own values, those included that the helpdesk gave out by now.
    fn filled(&self, path: &str, text: &str) -> String {
        let text = table::filled(path, text);
        if !table::has_word(&text, table::FIELD_ID) {
            return text;
        }
        table::with_word(&text, table::FIELD_ID, &self.setting.field_id())
    }

    /// Saves a file.
    pub(crate) fn save(&self, name: &str, text: &str) {
        fs::write(self.setting.file(name), text).unwrap();
    }

    /// Replaces fields in the `spec` of the only store of a file.
    fn edit(&self, name: &str, fields: &str) {
        let path = self.setting.file(name);
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{name} is edited before it is saved: {error}"));
        let mut documents: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        let fields: Value = serde_saphyr::from_str(fields).unwrap();
        let mut stores = documents.iter_mut().filter(|document| document["kind"] == "HumanSupportConfig");
        let (Some(store), None) = (stores.next(), stores.next()) else { panic!("{name} has not one store") };
        for (field, value) in fields.as_object().unwrap() {
            let spec = store["spec"].as_object_mut().unwrap();
            match value {
                Value::Null => spec.remove(field),
                value => spec.insert(field.clone(), value.clone()),
            };
        }
        let text: String = documents.iter().map(|document| format!("---\n{document}\n")).collect();
        self.save(name, &text);
    }

    async fn type_in(&mut self, path: &str, typed: &Typed) {
        let place = format!("{path}:{}", typed.line);
        let mut text = table::filled(path, &typed.text);
        for (written, real) in &self.addresses {
            text = text.replace(written, real);
        }
        if let Some(arguments) = text.strip_prefix(RUN).filter(|arguments| !arguments.starts_with("--help")) {
            let words = self.shell.words(arguments).await;
            return self.setting.start_operator(&words).await;
        }
        if let Some(arguments) = typed.bare().strip_prefix(ADAPTER) {
            return self.start_adapter(arguments).await;
        }
        let ran = self.shell.run(&text).await;
        self.setting.kubelet().await;
        let Ran { code, out, err } = &ran;
        let log = || {
            format!(
                "{}\n--- the last writes to the helpdesk:\n{}",
                self.setting.log_tail(),
                self.setting.desk.last_writes(6)
            )
        };
        assert_eq!(
            *code,
            typed.code,
            "{place}: `{text}` ended with {code}\n{out}{err}\n--- operator:\n{}",
            log()
        );
        assert!(!err.contains("panicked"), "{place}: {err}");
        if let Some(shown) = &typed.prints
            && let Some(difference) = outputs::difference(shown, &format!("{out}{err}"))
        {
            panic!("{place}: `{text}`: {difference}\n--- operator:\n{}", log());
        }
    }

    /// The sandbox's adapter on a free port, whatever port the document names.
    async fn start_adapter(&mut self, arguments: &str) {
        let parser = sandbox::cli::adapter::Args::augment_args(Command::new("adapter").no_binary_name(true));
        let matches = parser.try_get_matches_from(arguments.split_whitespace()).unwrap();
        let args = sandbox::cli::adapter::Args::from_arg_matches(&matches).unwrap();
        let adapter = Adapter::start().await.unwrap();
        self.addresses.push((args.listen.to_string(), adapter.address().to_string()));
        self.adapter = Some(adapter);
    }
}
