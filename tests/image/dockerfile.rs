//! The Dockerfile and what it leaves out of the context, as values: the tests build and start what it says.
//!
//! Why it exists: a second list of flags, files or users in the tests would drift from the image. Must not: assert
//! anything; it reads what stands there.

use std::collections::BTreeMap;
use std::fs;

use sandbox::control_plane::workspace;

/// One instruction: its word, and the rest with its lines joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) word: String,
    pub(crate) rest: String,
}

/// The instructions from one `FROM` to the next, or those before the first.
pub(crate) type Stage = Vec<Instruction>;

/// One `COPY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    /// Where from, without a stage: the context.
    pub(crate) stage: Option<String>,
    /// The permissions as it gives them, in octal.
    pub(crate) mode: Option<String>,
    pub(crate) source: String,
    pub(crate) target: String,
}

/// The Dockerfile.
pub(crate) struct Dockerfile {
    stages: Vec<Stage>,
}

impl Dockerfile {
    /// The one of this repository.
    pub(crate) fn read() -> Self {
        let text = fs::read_to_string(workspace().join("Dockerfile")).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let (mut stages, mut whole) = (vec![Stage::new()], String::new());
        for line in lines {
            if let Some(part) = line.strip_suffix('\\') {
                whole.push_str(part.trim());
                whole.push(' ');
                continue;
            }
            whole.push_str(line.trim());
            let (word, rest) = whole.split_once(' ').unwrap();
            let instruction = Instruction { word: word.to_owned(), rest: rest.trim().to_owned() };
            whole.clear();
            if instruction.word == "FROM" {
                stages.push(Stage::new());
            }
            stages.last_mut().unwrap().push(instruction);
        }
        Self { stages }
    }

    /// The instructions before the first stage.
    pub(crate) fn global(&self) -> &Stage {
        &self.stages[0]
    }

    /// The stage that compiles.
    pub(crate) fn build(&self) -> &Stage {
        let named = |stage: &&Stage| stage[0].word == "FROM" && stage[0].rest.ends_with(" AS build");
        self.stages[1..].iter().find(named).expect("the Dockerfile has a stage `build`")
    }

    /// The stage that becomes the image.
    pub(crate) fn image(&self) -> &Stage {
        self.stages.last().unwrap()
    }

    /// The line that compiles, as a shell reads it; it takes the target from the variable `target`.
    pub(crate) fn command(&self) -> String {
        let runs = self.build().iter().filter(|instruction| instruction.word == "RUN");
        let mut commands =
            runs.flat_map(|run| run.rest.split("&&")).filter(|one| one.contains("cargo build"));
        let command = commands.next().expect("the Dockerfile runs `cargo build`").trim().to_owned();
        assert_eq!(commands.next(), None, "one command compiles");
        command
    }

    /// The processors by the name that images use for them: `amd64` is Rust's `x86_64`.
    pub(crate) fn processors(&self) -> BTreeMap<String, String> {
        let is_choice = |one: &&Instruction| one.rest.starts_with("case \"$TARGETARCH\"");
        let choice = self.build().iter().find(is_choice).expect("the Dockerfile chooses by TARGETARCH");
        let arms = choice.rest.split(" in ").nth(1).unwrap().split(";;");
        let names = |arm: &str| {
            let (image, rust) = arm.split_once(") echo ")?;
            Some((image.trim().to_owned(), rust.trim().to_owned()))
        };
        arms.filter_map(names).filter(|(image, _)| image != "*").collect()
    }

    /// What the image holds.
    pub(crate) fn copies(&self) -> Vec<Copied> {
        self.image().iter().filter(|instruction| instruction.word == "COPY").map(copied).collect()
    }

    /// The only instruction of the image with this word.
    #[track_caller]
    pub(crate) fn only(&self, word: &str) -> &str {
        let found: Vec<&Instruction> = self.image().iter().filter(|one| one.word == word).collect();
        assert_eq!(found.len(), 1, "of {word} in the last stage");
        &found[0].rest
    }

    /// The words of an instruction in JSON form, such as `ENTRYPOINT`.
    #[track_caller]
    pub(crate) fn words(&self, word: &str) -> Vec<String> {
        serde_json::from_str(self.only(word)).unwrap_or_else(|error| panic!("{word} in JSON: {error}"))
    }
}

fn copied(instruction: &Instruction) -> Copied {
    let (flags, paths): (Vec<&str>, Vec<&str>) =
        instruction.rest.split_whitespace().partition(|word| word.starts_with("--"));
    let flag = |name: &str| flags.iter().find_map(|flag| flag.strip_prefix(name)).map(str::to_owned);
    let [source, target] = paths[..] else { panic!("one path to another: {instruction:?}") };
    let (source, target) = (source.to_owned(), target.to_owned());
    Copied { stage: flag("--from="), mode: flag("--chmod="), source, target }
}

/// What `Dockerfile.dockerignore` lets into the context: paths in the repository.
pub(crate) fn context() -> Vec<String> {
    let text = fs::read_to_string(workspace().join("Dockerfile.dockerignore")).unwrap();
    let mut rules = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    assert_eq!(rules.next(), Some("*"), "everything is left out that is not named");
    let named =
        |rule: &str| rule.strip_prefix('!').unwrap_or_else(|| panic!("no exception: {rule}")).to_owned();
    rules.map(named).collect()
}
