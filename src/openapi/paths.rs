//! Which paths there are, and their methods; actix's own routes don't say.

use super::Object;

/// The methods of OpenAPI with what `Allow` says of each, in its order.
const METHODS: [(&str, &str); 5] = [("get", "GET, HEAD"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];

/// The paths of the document and what serves it.
#[derive(Debug)]
pub struct Paths(Vec<Path>);

/// A path of the document.
#[derive(Debug)]
pub struct Path {
    /// The path as the document has it, with names in braces.
    pub template: String,
    /// Its methods, as `Allow` has them.
    pub methods: String,
}

impl Paths {
    /// The paths of a document.
    pub fn of(document: &Object) -> Self {
        let mut all = vec![Path { template: "/openapi.json".to_owned(), methods: "GET, HEAD".to_owned() }];
        for (path, item) in document.get("paths").and_then(|paths| paths.as_object()).into_iter().flatten() {
            let there = METHODS.iter().filter(|(method, _)| item.get(method).is_some());
            let methods = there.map(|(_, words)| *words).collect::<Vec<_>>().join(", ");
            all.push(Path { template: path.clone(), methods });
        }
        Self(all)
    }

    /// The path of a concrete one; a literal segment wins over one that stands for any.
    pub fn find(&self, given: &str) -> Option<&Path> {
        let wild = |path: &&Path| path.template.matches('{').count();
        self.0.iter().filter(|path| fits(&path.template, given)).min_by_key(wild)
    }
}

/// Whether a template's segments are those of a path; one in braces stands for any that is not empty.
fn fits(template: &str, given: &str) -> bool {
    let mut given = given.split('/');
    let same =
        template.split('/').all(|wanted| given.next().is_some_and(|part| part == wanted || wanted.starts_with('{') && !part.is_empty()));
    same && given.next().is_none()
}
