//! Which paths there are, and their methods; actix's own routes don't say.

use super::Object;

/// In the order of `Allow`.
const METHODS: [(&str, &str); 5] = [("get", "GET, HEAD"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];

/// The path templates of the document and what serves it.
#[derive(Debug, Clone)]
pub struct Paths(Vec<(Vec<Option<String>>, String)>);

impl Paths {
    /// Of a document.
    pub fn of(document: &Object) -> Self {
        let mut all = vec![(template("/openapi.json"), "GET, HEAD".to_owned())];
        for (path, item) in document.get("paths").and_then(|paths| paths.as_object()).into_iter().flatten() {
            let there = METHODS.iter().filter(|(method, _)| item.get(method).is_some());
            all.push((template(path), there.map(|(_, words)| *words).collect::<Vec<_>>().join(", ")));
        }
        Self(all)
    }

    /// The methods of a concrete path; a literal segment wins over one that stands for any.
    pub fn methods(&self, path: &str) -> Option<String> {
        let given: Vec<&str> = path.split('/').collect();
        let fits = |template: &[Option<String>]| {
            let same = |(wanted, given): (&Option<String>, &&str)| match wanted {
                Some(literal) => literal == given,
                None => !given.is_empty(),
            };
            template.len() == given.len() && template.iter().zip(&given).all(same)
        };
        let wild = |template: &[Option<String>]| template.iter().filter(|segment| segment.is_none()).count();
        let found = self.0.iter().filter(|(template, _)| fits(template)).min_by_key(|(template, _)| wild(template));
        found.map(|(_, methods)| methods.clone())
    }
}

/// The segments; `None` where one stands for any.
fn template(path: &str) -> Vec<Option<String>> {
    path.split('/').map(|segment| if segment.starts_with('{') { None } else { Some(segment.to_owned()) }).collect()
}
