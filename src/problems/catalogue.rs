//! The codes as they are told.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{error::ProblemCode, fault::FaultCode, http::fields::Line};

/// What to do about any single fault: Persian, then English.
const CORRECT_IT: [&str; 2] = [
    "مقداری را که pointer یا parameter نشان می‌دهد درست کنید و درخواست را دوباره بفرستید.",
    "Correct the value that pointer or parameter names, and send the request again.",
];
/// What an entry of `errors` is called: Persian, then English.
const FAULT: [&str; 2] = ["خطایی در یک مقدار", "A fault of one value"];

/// Every code there is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemCatalogue {
    /// The codes of problem documents, then those of single faults.
    #[schema(max_items = 1000)]
    pub items: Vec<ProblemExplanation>,
}

/// A code: what it means, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemExplanation {
    /// The code, which never changes.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("stale_version"))]
    pub code: &'static str,
    /// The HTTP status; null for the code of a single fault, which stands in `errors`.
    #[schema(minimum = 400, maximum = 599, examples(412))]
    pub status: Option<i32>,
    /// In Persian.
    pub fa: ProblemText,
    /// In English.
    pub en: ProblemText,
}

/// A code in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemText {
    /// A short text.
    #[schema(value_type = Line<200>, examples("Stale version"))]
    pub title: &'static str,
    /// What it means.
    #[schema(value_type = Line<1000>, examples("The item has changed since you read it; read it again."))]
    pub meaning: String,
    /// What to do about it.
    #[schema(value_type = Line<1000>, examples("Read the item again and send your change with the new ETag."))]
    pub remedy: &'static str,
}

impl ProblemCatalogue {
    /// All of them; a word that stands in both tables is told as a problem.
    pub fn whole() -> Self {
        let problems = ProblemCode::ALL.iter().map(|code| ProblemExplanation::problem(*code));
        let is_problem = |fault: &&FaultCode| ProblemCode::ALL.iter().any(|code| code.as_str() == fault.as_str());
        let faults = FaultCode::ALL.iter().filter(|fault| !is_problem(fault)).map(|fault| ProblemExplanation::fault(*fault));
        Self { items: problems.chain(faults).collect() }
    }
}

impl ProblemExplanation {
    /// The code of a word.
    pub fn of(word: &str) -> Option<Self> {
        let problem = ProblemCode::ALL.iter().find(|code| code.as_str() == word).map(|code| Self::problem(*code));
        problem.or_else(|| FaultCode::ALL.iter().find(|fault| fault.as_str() == word).map(|fault| Self::fault(*fault)))
    }

    fn problem(code: ProblemCode) -> Self {
        let ([(fa_title, fa_detail), (en_title, en_detail)], [fa_remedy, en_remedy]) = (code.texts(), code.remedies());
        let text = |title, detail: &str, remedy| ProblemText { title, meaning: detail.to_owned(), remedy };
        Self {
            code: code.as_str(),
            status: Some(i32::from(code.status())),
            fa: text(fa_title, fa_detail, fa_remedy),
            en: text(en_title, en_detail, en_remedy),
        }
    }

    fn fault(fault: FaultCode) -> Self {
        let [fa, en] = fault.templates();
        let [fa_title, en_title] = FAULT;
        let [fa_remedy, en_remedy] = CORRECT_IT;
        let meaning = |template: &str| template.replace("{0}", "…").replace("{1}", "…");
        Self {
            code: fault.as_str(),
            status: None,
            fa: ProblemText { title: fa_title, meaning: meaning(fa), remedy: fa_remedy },
            en: ProblemText { title: en_title, meaning: meaning(en), remedy: en_remedy },
        }
    }
}
