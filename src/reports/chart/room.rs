//! How much room text takes, so that a name is cut before it runs under a bar or off the sheet.
//!
//! A picture fetches no font, so it cannot know how wide its letters will be: they are taken as wide as in `DejaVu Sans`, the
//! widest of the fonts that a chart names.

/// The text, or as much of it as there is room for in so many pixels at a font size, with an ellipsis.
pub fn cut(text: &str, pixels: f64, size: u8) -> String {
    // Hundredths of an em are whole numbers.
    let room = pixels * 100.0 / f64::from(size);
    if width(text) <= room {
        return text.to_owned();
    }
    let (mut kept, mut end) = (ELLIPSIS, 0);
    for (from, letter) in text.char_indices() {
        let after = from + letter.len_utf8();
        // The last letter that stays has the ellipsis behind it, so it is not joined.
        if kept + advance(letter, "") <= room {
            end = after;
        }
        kept += advance(letter, text.get(after..).unwrap_or_default());
        if kept > room {
            break;
        }
    }
    format!("{}…", text.get(..end).unwrap_or_default().trim_end())
}

/// The room of a text at a font size, in pixels.
pub fn taken(text: &str, size: u8) -> f64 {
    width(text) * f64::from(size) / 100.0
}

const ELLIPSIS: f64 = 100.0;

fn width(text: &str) -> f64 {
    text.char_indices().map(|(at, letter)| advance(letter, text.get(at + letter.len_utf8()..).unwrap_or_default())).sum()
}

/// A letter's width in hundredths of an em. A Persian letter that goes on into the next one is mostly narrower.
fn advance(letter: char, rest: &str) -> f64 {
    let joined = rest.chars().next().is_some_and(|next| matches!(next, '\u{620}'..='\u{64A}' | '\u{66E}'..='\u{6D3}'));
    let (joining, ending) = match letter {
        '\u{200B}'..='\u{200F}' | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{2066}'..='\u{2069}' => (0, 0),
        'ا' | 'آ' | 'أ' | 'إ' => (30, 30),
        'د' | 'ذ' | 'ر' | 'ز' | 'ژ' | 'و' | 'ؤ' | 'ه' | 'ة' | 'ء' => (55, 55),
        'ب' | 'پ' | 'ت' | 'ث' => (30, 98),
        'ن' | 'ی' | 'ي' | 'ئ' | 'ل' => (33, 83),
        'ف' | 'ق' | 'ک' | 'ك' | 'گ' => (55, 104),
        'س' | 'ش' | 'ص' | 'ض' => (89, 127),
        'ط' | 'ظ' => (82, 95),
        'ج' | 'چ' | 'ح' | 'خ' | 'ع' | 'غ' | 'م' => (65, 67),
        '۰'..='۹' | '٠'..='٩' => (54, 54),
        ' ' | '.' | ',' | ':' | ';' | '\'' | '-' | '·' | '،' => (36, 36),
        'f' | 'i' | 'j' | 'l' | 'r' | 't' | 'I' | 'J' | '(' | ')' => (41, 41),
        'm' | 'w' | 'M' | 'W' => (99, 99),
        'a'..='z' | '0'..='9' => (64, 64),
        'A'..='Z' => (79, 79),
        _ => (100, 100),
    };
    f64::from(if joined { joining } else { ending })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_is_left_and_what_does_not_is_cut_to_its_room() {
        let agency = "دانشگاه علوم پزشکی و خدمات بهداشتی درمانی استان قم";
        assert_eq!(cut("پردیسان", 228.0, 13), "پردیسان");
        let short = cut(agency, 228.0, 13);
        assert!(short.ends_with('…') && agency.starts_with(short.trim_end_matches('…')), "{short}");
        assert!(short.chars().count() > 24, "{short}");
        assert!(cut("Qom Imam Khomeini Relief Committee", 228.0, 13).chars().count() < 30);
        assert_eq!((cut("", 10.0, 13), cut("محله", 1.0, 13)), (String::new(), "…".to_owned()));
    }

    proptest! {
        #[test]
        fn what_is_cut_has_its_room(text in "[ابپسشکگلمنهی a-zA-Z0-9۰-۹‌]{0,40}", pixels in 20.0..300.0_f64, size in 10_u8..19) {
            let short = cut(&text, pixels, size);
            prop_assert!(width(&short) <= pixels * 100.0 / f64::from(size), "{short}");
            prop_assert!(short == text || short.ends_with('…'));
        }
    }

    #[test]
    fn a_letter_that_goes_on_is_narrower() {
        assert!(width("سس") < 2.0 * width("س"));
        assert!(width("شیخ\u{200C}آباد") < width("شیخ آباد"));
    }
}
