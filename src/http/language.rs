//! The language of texts for people: Persian, or English where asked for (DESIGN §5).

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};

use super::header_list::weighted;

/// A language that messages come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// `fa`, the default.
    #[default]
    Persian,
    /// `en`.
    English,
}

impl Language {
    /// For `Content-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Persian => "fa",
            Self::English => "en",
        }
    }

    /// Whether it is English.
    pub const fn is_english(self) -> bool {
        matches!(self, Self::English)
    }

    /// The language that `Accept-Language` prefers of the two, where `*` is whichever it does not name (RFC 9110 §12.5.4); of two that it likes
    /// alike the earlier one, and else Persian.
    pub fn of(headers: &HeaderMap) -> Self {
        let (mut liked, mut others): (Vec<(Self, f32)>, f32) = (Vec::new(), 0.0);
        for (tag, weight) in weighted(headers, ACCEPT_LANGUAGE) {
            match tag.split('-').next() {
                Some("fa") => liked.push((Self::Persian, weight)),
                Some("en") => liked.push((Self::English, weight)),
                Some("*") => others = weight,
                _ => {}
            }
        }
        for language in [Self::Persian, Self::English] {
            if liked.iter().all(|(named, _)| *named != language) {
                liked.push((language, others));
            }
        }
        let best = liked.into_iter().fold((Self::default(), 0.0), |best, wish| if wish.1 > best.1 { wish } else { best });
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_comes_only_where_asked_for() {
        for (wish, language) in [
            ("", Language::Persian),
            ("en", Language::English),
            ("en-GB,fa;q=0.9", Language::English),
            ("fr, fa;q=0.8, en;q=0.5", Language::Persian),
            ("de, *;q=0.1", Language::Persian),
            ("fa;q=0, en;q=0.1", Language::English),
            ("fa;q=0, *;q=0.5", Language::English),
            ("*;q=0.5, fa;q=0", Language::English),
            ("en;q=0.5, *", Language::Persian),
            ("en;Q=0.5, fa;q=0.9", Language::Persian),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, wish.parse().expect("a header"));
            assert_eq!(Language::of(&headers), language, "{wish}");
        }
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT_LANGUAGE, "fr".parse().expect("a header"));
        headers.append(ACCEPT_LANGUAGE, "en".parse().expect("a header"));
        assert_eq!(Language::of(&headers), Language::English, "two lines are one list");
    }
}
