//! The nearest known word to one that is not known.
//!
//! Why: a typing mistake is answered with what was meant. Must not: guess when nothing is near.

/// How alike two words must be, from 0 to 1, before one is taken for the other.
const ALIKE: f64 = 0.8;

/// The known word that is most like `word`, where one is like it. Case does not count.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_its_neighbor_and_a_strange_one_none() {
        let known = ["agents", "departments", "webhooks"];
        assert_eq!(nearest("agent", known), Some("agents"));
        assert_eq!(nearest("DEPARTEMENTS", known), Some("departments"));
        assert_eq!(nearest("webhook", known), Some("webhooks"));
        assert_eq!(nearest("banana", known), None);
        assert_eq!(nearest("", known), None);
    }
}
