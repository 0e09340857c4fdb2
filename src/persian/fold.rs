//! Folding: one spelling for what a reader takes for the same text.
//!
//! `clean` and `code` make what is stored; `code_key`, `folded` and `search_key` make keys that
//! are compared and never shown. Each is idempotent, so a stored key can be folded again.

use std::borrow::Cow;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::letters::{HAMZA, TATWEEL, ZWJ, ascii_digit, is_embedding, is_invisible, letter};

/// Text as it is stored: NFC, without blanks and invisible marks at its two ends.
///
/// The inside stays as given, ZWNJ too, because it is how the writer wants it shown.
#[must_use]
pub fn clean(text: &str) -> String {
    cleaned(text).into_owned()
}

/// As [`clean`], without a copy where the text is composed already (nearly always).
pub(super) fn cleaned(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(trim(text)),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(trim(&text.nfc().collect::<String>()).to_owned()),
    }
}

/// Takes blanks and invisible characters off both ends. A bidi embedding at an end stays where
/// there are others inside: taking one of a pair would turn the text that follows it.
#[must_use]
pub fn trim(text: &str) -> &str {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || (is_invisible(c) && c != ZWJ));
    if bare.contains(is_embedding) {
        text.trim_matches(|c: char| c.is_whitespace() || (is_invisible(c) && c != ZWJ && !is_embedding(c)))
    } else {
        bare
    }
}

/// The text with Persian (U+06F0..) and Arabic (U+0660..) digits as `0-9`.
#[must_use]
pub fn ascii_digits(text: &str) -> String {
    text.chars().map(ascii_digit).collect()
}

/// A code as it is kept: clean, digits ASCII, no ZWNJ, tatweel or bidi control; case as given.
///
/// A code copied from a letter or a spreadsheet brings such characters along unseen.
#[must_use]
pub fn code(text: &str) -> String {
    let visible: String = text.chars().filter(|&c| !is_invisible(c) && c != TATWEEL).map(ascii_digit).collect();
    match cleaned(&visible) {
        Cow::Borrowed(kept) if kept.len() == visible.len() => visible,
        kept => kept.into_owned(),
    }
}

/// The unique key of a code or username: [`code`] without case.
#[must_use]
pub fn code_key(text: &str) -> String {
    let kept = code(text);
    if kept.is_ascii() { kept.to_ascii_lowercase() } else { clean(&kept.to_lowercase()) }
}

/// Text for comparing headings, coded values and filters: words stay apart by one blank.
///
/// - Compatibility forms are resolved first (NFKD): `ﻻ` is `لا`, `Ａ` is `a`.
/// - `ي ى ے` are `ی` and `ك ڪ` are `ک`: Arabic keyboards and old exports write them so.
/// - `آ أ إ ٱ` are `ا`: people type the bare alef.
/// - `ة ۀ ہ ھ ە` are `ه`, `ؤ` is `و`, `ئ` is `ی`: the mark is left out as often as written.
/// - `ء` is dropped: `شهداء` and `شهدا` are the same word.
/// - Persian and Arabic digits are `0-9`.
/// - ZWNJ, ZWJ, tatweel, bidi controls and marks (harakat, accents) are dropped.
/// - Case is folded (`ß` is `ss`), runs of blanks are one, ends are trimmed. Punctuation stays.
#[must_use]
pub fn folded(text: &str) -> String {
    fold(text, true)
}

/// Text for searching: [`folded`] with no blank at all.
///
/// So `شیخ‌آباد`, `شیخ آباد` and `شیخآباد`, with either ye, are one key.
#[must_use]
pub fn search_key(text: &str) -> String {
    fold(text, false)
}

fn fold(text: &str, blanks: bool) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        fold_into(&mut out, text.chars(), blanks);
    } else {
        fold_into(&mut out, text.nfkd(), blanks);
    }
    out
}

fn fold_into(out: &mut String, chars: impl Iterator<Item = char>, blanks: bool) {
    let mut gap = false;
    for c in chars {
        if c.is_whitespace() {
            gap = blanks && !out.is_empty();
            continue;
        }
        if is_left_out(c) {
            continue;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        match ascii_digit(letter(c)) {
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            c @ '\u{0600}'..='\u{06FF}' => out.push(c),
            // There, back and there again: `ẞ` to `ß` to `SS` to `ss`, and `ς` to `Σ` to `σ`.
            c => out.extend(c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)),
        }
    }
}

/// What a folded text lacks: marks (every mark that moves in normalisation), the lone hamza,
/// tatweel, variation selectors and all that has no shape.
fn is_left_out(c: char) -> bool {
    !c.is_ascii()
        && (matches!(c, HAMZA | TATWEEL | '\u{034F}' | '\u{FE00}'..='\u{FE0F}') || is_invisible(c) || canonical_combining_class(c) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stored_text_keeps_its_inside() {
        assert_eq!(clean("\u{FEFF} \u{200F}شیخ\u{200C}آباد\u{200C}\t"), "شیخ\u{200C}آباد");
        assert_eq!(clean("\u{202B}قم\u{202C}"), "قم");
        assert_eq!(clean(" قم \u{2067}X\u{2069} "), "قم \u{2067}X\u{2069}");
        assert_eq!(clean("\u{200B}\u{202B} "), "");
        assert_eq!(clean("ا\u{0653}ب"), "آب");
        assert_eq!(clean("علي  ك"), "علي  ك");
    }

    #[test]
    fn codes_lose_what_nobody_sees() {
        assert_eq!(ascii_digits("۱۲۳ ٤٥٦ 7ی"), "123 456 7ی");
        assert_eq!(code(" \u{200E}AG\u{200C}-۰٧ـ\u{202C} "), "AG-07");
        assert_eq!(code_key("Ag-۰۷"), code_key("aG-07"));
        assert_eq!(code_key("J\u{030C}"), "\u{01F0}");
    }

    #[test]
    fn spellings_find_one_another() {
        for other in ["شیخ آباد", "شيخ آباد", "شیخآباد", "شیخ\u{00A0}اباد", "شِیـخ‌آباد", "شيخ ا\u{0653}باد"]
        {
            assert_eq!(search_key("شیخ‌آباد"), search_key(other), "{other}");
        }
        for (a, b) in [
            ("شهداء", "شهدا"),
            ("مدرسة", "مدرسه"),
            ("مسئول", "مسیول"),
            ("مؤسسه", "موسسه"),
            ("خانۀ", "خانه"),
            ("أحمد إ ٱ", "احمد ا ا"),
            ("ﻻله", "لاله"),
            ("مصطفى", "مصطفی"),
            ("كاظم", "کاظم"),
            ("Café  ΣΑΣ Straẞe", " cafe σας strasse"),
            ("ردیف ۱۲٣", "ردیف 123"),
        ] {
            assert_eq!(folded(a), folded(b), "{a} {b}");
        }
        assert_ne!(folded("پارس"), folded("بارس"));
        assert_eq!(folded(" کد \t\u{200C} (طرح) "), "کد (طرح)");
    }

    #[test]
    fn every_character_folds_in_one_step() {
        // Beyond these two planes stand only rare ideographs, tags and private use.
        for c in ('\0'..='\u{1FFFF}').map(String::from) {
            for f in [folded, search_key, code_key, code, clean] {
                assert_eq!(f(&f(&c)), f(&c), "{:?}", c.escape_unicode().to_string());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn folding_twice_changes_nothing(text in r"(\PC|[\s\u{0300}-\u{0345}\u{0600}-\u{06FF}\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}A-Za-zΣİ]){0,24}") {
            for f in [folded, search_key, code_key, code, clean, ascii_digits] {
                prop_assert_eq!(f(&f(&text)), f(&text));
            }
            prop_assert_eq!(search_key(&folded(&text)), search_key(&text));
            prop_assert_eq!(code_key(&code(&text)), code_key(&text));
            prop_assert_eq!(search_key(&clean(&text)), search_key(&text));
            prop_assert_eq!(search_key(&text), folded(&text).replace(' ', ""));
        }
    }
}
