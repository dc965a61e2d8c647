//! Words shown to people, in both languages.

use serde::Serialize;

/// A text in English and Chinese.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese; the English where nobody has translated it.
    pub zh: String,
}

impl Text {
    /// A text in both languages.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Text { en: en.into(), zh: zh.into() }
    }

    /// A name that is the same in both.
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Text { zh: en.clone(), en }
    }
}
