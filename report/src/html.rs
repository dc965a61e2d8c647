//! HTML in both languages; which one is seen is chosen by two radio buttons and a style rule, so pages work where scripts
//! do not run.

use crate::methods::MethodsSection;
use crate::plots::Plot;
use crate::words::{Language, Words};

/// A text that is safe to insert anywhere.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

/// Both wordings; once when they are the same.
pub(crate) fn both(en: &str, zh: &str) -> String {
    if en == zh {
        return escaped(en);
    }
    format!("<span lang=\"en\">{}</span><span lang=\"zh\">{}</span>", escaped(en), escaped(zh))
}

/// A text in both languages.
pub(crate) fn words(words: &Words) -> String {
    both(words.in_language(Language::English), words.in_language(Language::Chinese))
}

/// Findings as a list.
pub(crate) fn list(findings: &[Words]) -> String {
    let items: String = findings.iter().map(|finding| format!("<li>{}</li>", words(finding))).collect();
    format!("<ul>{items}</ul>")
}

/// Findings of which the first is the answer to the question asked.
pub(crate) fn answer(findings: &[Words]) -> String {
    let paragraph = |(at, finding)| {
        let class = if at == 0 { " class=\"answer\"" } else { "" };
        format!("<p{class}>{}</p>\n", words(finding))
    };
    findings.iter().enumerate().map(paragraph).collect()
}

/// What one function says in both languages.
pub(crate) fn in_both(show: impl Fn(Language) -> String) -> String {
    both(&show(Language::English), &show(Language::Chinese))
}

/// A plot with its title and caption.
pub(crate) fn figure(plot: &Plot) -> String {
    figure_under(&format!("<h3>{}</h3>", words(&plot.title)), plot)
}

/// A plot with its caption, whose title is said already, above it or in the drawing.
pub(crate) fn figure_without_title(plot: &Plot) -> String {
    figure_under("", plot)
}

fn figure_under(title: &str, plot: &Plot) -> String {
    let drawing =
        |language: Language| format!("<div lang=\"{}\">{}</div>", language.tag(), plot.inline_svg(language));
    format!(
        "<figure>{title}{}{}<figcaption>{}</figcaption></figure>",
        drawing(Language::English),
        drawing(Language::Chinese),
        words(&plot.caption)
    )
}

/// A table; cells are HTML already. The first `left` columns lean left, the others are numbers.
pub(crate) fn table(headings: &[String], rows: &[Vec<String>], left: usize) -> String {
    let class = |at: usize| if at < left { "" } else { " class=\"number\"" };
    let cells = |tag: &str, row: &[String]| -> String {
        row.iter().enumerate().map(|(at, cell)| format!("<{tag}{}>{cell}</{tag}>", class(at))).collect()
    };
    let body: String = rows.iter().map(|row| format!("<tr>{}</tr>\n", cells("td", row))).collect();
    format!(
        "<div class=\"sheet\"><table><thead><tr>{}</tr></thead>\n<tbody>\n{body}</tbody></table></div>",
        cells("th", headings)
    )
}

/// How it was made: the checklist with its answers, under a heading.
pub(crate) fn methods(sections: &[MethodsSection], command: &str) -> String {
    let about = both(
        "The 24 items of STRESS-DES, answered from the scenario and the run; the command repeats every figure.",
        "依据情景与运行逐项回答STRESS-DES的24个条目；以下命令可复现全部数字。",
    );
    let mut out = format!(
        "<h2>{}</h2>\n<p class=\"muted\">{about}</p>\n<pre><code>{}</code></pre>\n",
        both("Methods", "方法"),
        escaped(command)
    );
    for section in sections {
        let items: String = section
            .items
            .iter()
            .map(|item| {
                let (number, title) = (escaped(&item.number), words(&item.title));
                format!("<dt><b>{number}</b>{title}</dt><dd>{}</dd>\n", words(&item.answer))
            })
            .collect();
        out.push_str(&format!("<h3>{}</h3>\n<dl>\n{items}</dl>\n", words(&section.title)));
    }
    out
}

/// A table in both languages, cell by cell; its first `left` columns lean left.
pub(crate) fn in_languages(
    rows: impl Fn(Language) -> (Vec<String>, Vec<Vec<String>>),
    left: usize,
) -> String {
    let ((en_heads, en_rows), (zh_heads, zh_rows)) = (rows(Language::English), rows(Language::Chinese));
    let pair = |en: Vec<String>, zh: Vec<String>| -> Vec<String> {
        en.iter().zip(&zh).map(|(en, zh)| both(en, zh)).collect()
    };
    let cells: Vec<Vec<String>> = en_rows.into_iter().zip(zh_rows).map(|(en, zh)| pair(en, zh)).collect();
    table(&pair(en_heads, zh_heads), &cells, left)
}
