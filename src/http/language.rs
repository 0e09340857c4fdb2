//! The language of texts for people: Persian, or English where asked for (DESIGN §5).

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};

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

    /// The language that `Accept-Language` prefers of the two; the earlier one where it likes them alike.
    pub fn of(headers: &HeaderMap) -> Self {
        let wishes = headers.get_all(ACCEPT_LANGUAGE).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let mut best: Option<(f32, Self)> = None;
        for part in wishes {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = pieces.find_map(|piece| piece.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            let language = match tag.split('-').next() {
                Some("fa" | "*") => Self::Persian,
                Some("en") => Self::English,
                _ => continue,
            };
            if weight > 0.0 && best.is_none_or(|(leader, _)| weight > leader) {
                best = Some((weight, language));
            }
        }
        best.map_or_else(Self::default, |(_, language)| language)
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
