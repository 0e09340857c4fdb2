//! Persian text, dates and periods: how text is stored, compared, searched and sorted,
//! and how Jalali days and report periods are read and written.
//! Everything here is pure, so that an import cell, a query parameter and a stored key agree.

mod fold;
mod jalali;
mod letters;
mod period;
mod sort;

pub use fold::{ascii_digits, clean, code, code_key, folded, search_key, trim};
pub use jalali::{
    FIRST_DAY, GREGORIAN_YEARS, JALALI_YEARS, LAST_DAY, format_jalali, from_jalali, month_name, parse_gregorian, parse_gregorian_cell,
    parse_jalali, to_jalali,
};
pub use letters::is_embedding;
pub use period::{Period, parse_period};
pub use sort::sort_key;

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    /// Registers hold these keys: where one of these numbers changes, be it by a newer Unicode in a library, the release has to say so and
    /// a migration to write the stored keys anew (docs/operating.md, "Upgrades").
    #[test]
    fn stored_keys_are_still_what_is_stored() {
        let letters = ('\u{20}'..='\u{6FF}').chain('\u{2000}'..='\u{206F}').chain('\u{FB50}'..='\u{FEFF}');
        let words: Vec<String> = letters.map(|letter| format!("شیخ{letter}آباد A{letter}")).collect();
        let told = |key: fn(&str) -> Vec<u8>| xxh3_64(&words.iter().map(|word| key(word)).collect::<Vec<_>>().join(&0));
        let keys =
            [told(sort_key), told(|text| search_key(text).into()), told(|text| code_key(text).into()), told(|text| folded(text).into())];
        assert_eq!(keys, [0x9C61_DC2B_BC09_A975, 0xE5C7_26C8_870A_C815, 0x5EA9_18F2_0C57_D50A, 0x685C_8836_C695_4170]);
    }
}
