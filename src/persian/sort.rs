//! Order: keys whose bytes sort as the Persian alphabet does.
//!
//! Both databases then agree without a collation of their own, under which پ چ ژ ک گ ی would
//! stand after all other letters.

use std::sync::LazyLock;

use icu_collator::{CollatorBorrowed, options::CollatorOptions};
use icu_locale_core::locale;

use super::fold::cleaned;
use super::letters::{TATWEEL, ascii_digit, ye_kaf};

/// Persian, or the root order should its data be missing; the data is compiled in, so `None`
/// does not happen in practice.
static COLLATOR: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| {
    [locale!("fa"), locale!("und")].into_iter().find_map(|it| CollatorBorrowed::try_new(it.into(), CollatorOptions::default()).ok())
});

/// The bytes to store beside a name or title and to sort by: smaller bytes, earlier in the list.
///
/// Arabic ye and kaf, foreign digits and tatweel sort as their Persian spelling does; accents and
/// case only decide between texts otherwise alike. About three bytes a letter. A new version of
/// `icu_collator` or its data may change every key, so stored keys are to be written anew with it.
#[must_use]
pub fn sort_key(text: &str) -> Vec<u8> {
    let spelt: String = cleaned(text).chars().filter(|&c| c != TATWEEL).map(|c| ascii_digit(ye_kaf(c))).collect();
    let mut key = Vec::with_capacity(spelt.len() * 2 + 8);
    let written = COLLATOR.as_ref().and_then(|collator| collator.write_sort_key_to(&spelt, &mut key).ok());
    match written {
        Some(()) => key,
        None => spelt.into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_sort_by_the_persian_alphabet() {
        let alphabet = "آ ا ب پ ت ث ج چ ح خ د ذ ر ز ژ س ش ص ض ط ظ ع غ ف ق ک گ ل م ن و ه ی";
        let letters: Vec<&str> = alphabet.split(' ').collect();
        assert!(letters.is_sorted_by_key(|it| sort_key(it)));
        let names = [
            "۲ آذر",
            "آذر",
            "اباذر",
            "امام‌رضا",
            "باجک",
            "پردیسان",
            "تولید",
            "جمکران",
            "چهارمردان",
            "حرم",
            "زنبیل‌آباد",
            "ژاله",
            "سالاریه",
            "شیخ‌آباد",
            "صفاشهر",
            "قنوات",
            "کهک",
            "گلستان",
            "لاله",
            "نیروگاه",
            "یزدان‌شهر",
            "Ali",
            "beta",
        ];
        let mut sorted = names;
        sorted.reverse();
        sorted.sort_by_key(|it| sort_key(it));
        assert_eq!(sorted, names);
    }

    #[test]
    fn a_foreign_spelling_sorts_along() {
        assert_eq!(sort_key(" شيخ ك ٢"), sort_key("شیخ ک 2"));
        assert_eq!(sort_key("قـم"), sort_key("قم"));
        assert_eq!(sort_key(""), sort_key(" \u{200F}"));
        assert!(sort_key("يزد") > sort_key("هرات"));
        assert!(sort_key("كهك") < sort_key("گلستان"));
    }

    proptest! {
        #[test]
        fn the_persian_collator_is_used(a in r"[ آابپتجچژکگلمنوهیئءؤ]{0,6}", b in r"[ آابپتجچژکگلمنوهیئءؤ]{0,6}") {
            let collator = CollatorBorrowed::try_new(locale!("fa").into(), CollatorOptions::default());
            prop_assert!(collator.is_ok());
            if let Ok(collator) = collator {
                prop_assert_eq!(sort_key(&a).cmp(&sort_key(&b)), collator.compare(a.trim(), b.trim()));
            }
        }
    }
}
