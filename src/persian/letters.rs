//! Single characters: which have no shape, and which are one letter or digit to a reader.

/// Lengthens a word for looks.
pub(super) const TATWEEL: char = '\u{0640}';
/// The hamza that stands alone.
pub(super) const HAMZA: char = '\u{0621}';
/// Joins its neighbours; at an end it shapes the letter before it (an initial `ه`), so it is kept there.
pub(super) const ZWJ: char = '\u{200D}';

/// Characters without a shape of their own: soft hyphen, ZWSP, ZWNJ, ZWJ, word joiner, BOM,
/// bidi marks and embeddings.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}') || is_embedding(c)
}

/// Bidi controls that come in pairs.
pub fn is_embedding(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// One decomposed letter as the Persian keyboard has it.
pub(super) fn letter(c: char) -> char {
    match c {
        'ے' => 'ی',
        'ڪ' => 'ک',
        'ٱ' => 'ا',
        'ة' | 'ہ' | 'ۃ' | 'ھ' | 'ە' => 'ه',
        other => ye_kaf(other),
    }
}

/// Arabic ye (dotted or not) and kaf as the Persian letters.
pub(super) fn ye_kaf(c: char) -> char {
    match c {
        '\u{064A}' | '\u{0649}' => '\u{06CC}',
        '\u{0643}' => '\u{06A9}',
        other => other,
    }
}

/// A Persian or Arabic digit as ASCII, any other character as it is.
pub(super) fn ascii_digit(c: char) -> char {
    let zero = match c {
        '\u{06F0}'..='\u{06F9}' => 0x06F0,
        '\u{0660}'..='\u{0669}' => 0x0660,
        other => return other,
    };
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}
