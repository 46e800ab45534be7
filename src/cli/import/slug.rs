//! Keys for entries, made of the names that people gave.
//!
//! Must not: give two entries one key.

use std::collections::BTreeSet;

/// Hands out keys: lower-case letters, digits and `-`, each once.
#[derive(Debug, Default)]
pub(super) struct Keys {
    taken: BTreeSet<String>,
}

impl Keys {
    /// A key for `name`, of at most `most` characters; `fallback` where nothing of the name is left.
    pub(super) fn key(&mut self, name: &str, (fallback, most): (&str, usize)) -> String {
        let base = slug(name);
        let base = if base.is_empty() { fallback.to_owned() } else { base };
        let mut number = 1;
        loop {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let kept: String = base.chars().take(most - suffix.len()).collect();
            let key = format!("{}{suffix}", kept.trim_end_matches('-'));
            if self.taken.insert(key.clone()) {
                return key;
            }
            number += 1;
        }
    }
}

fn slug(name: &str) -> String {
    let mut text = String::new();
    for letter in name.to_lowercase().chars().map(plain) {
        match letter {
            'a'..='z' | '0'..='9' => text.push(letter),
            _ if !text.is_empty() && !text.ends_with('-') => text.push('-'),
            _ => {}
        }
    }
    text.trim_end_matches('-').to_owned()
}

/// A letter of Portuguese, Spanish and their neighbors without its accent.
fn plain(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_labels_and_each_is_given_once() {
        let mut keys = Keys::default();
        let mut key = |name: &str| keys.key(name, ("agent", 12));
        assert_eq!(key("João D'Ávila"), "joao-d-avila");
        assert_eq!(key("Joao d avila"), "joao-d-avi-2");
        assert_eq!(key("  日本  "), "agent");
        assert_eq!(key("—"), "agent-2");
        assert_eq!(key("A very long name of somebody"), "a-very-long");
    }
}
