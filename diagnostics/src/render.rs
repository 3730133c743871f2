//! Problems as text for a person: with the feature `render` as pictures of their lines, else plainly.

#[cfg(not(feature = "render"))]
use crate::problem::Problem;
use crate::problem::Problems;

impl Problems {
    /// Formats every problem with its lines and advice, for a terminal `width` characters wide.
    ///
    /// Without the feature `render` there are neither colours nor wrapping.
    pub fn render(&self, color: bool, width: usize) -> String {
        let mut out = String::new();
        for problem in self.problems() {
            #[cfg(feature = "render")]
            crate::graphical::render(&mut out, problem, color, width);
            #[cfg(not(feature = "render"))]
            render_plainly(&mut out, problem);
            out.push('\n');
        }
        #[cfg(not(feature = "render"))]
        let _ = (color, width);
        let plural = if self.problems().len() == 1 { "" } else { "s" };
        out + &format!("{} problem{plural}\n", self.problems().len())
    }
}

/// Adds the problem, its line with marks below, and its advice.
#[cfg(not(feature = "render"))]
fn render_plainly(out: &mut String, problem: &Problem) {
    out.push_str(&problem.to_string());
    out.push('\n');
    if let Some(excerpt) = problem.excerpt() {
        let (line, before, marked) = excerpt.marked_line();
        let number = excerpt.place().0;
        let (indent, marks) = (" ".repeat(before), "^".repeat(marked.max(1)));
        let gutter = " ".repeat(number.to_string().len());
        let label = problem.label_text().unwrap_or_default();
        out.push_str(&format!("  {number} | {line}\n  {gutter} | {indent}{marks} {label}\n"));
    }
    if let Some(advice) = problem.advice() {
        out.push_str(&format!("  help: {advice}\n"));
    }
}

#[cfg(test)]
mod tests {
    use crate::problem::{Problem, Problems};

    #[test]
    fn any_span_can_be_shown() {
        for text in ["", "\n", "é", "a\nb"] {
            for start in 0..5 {
                let problems = Problems::from(Problem::of_file("f", "wrong").at(text, start..start + 1));
                assert!(problems.render(false, 80).contains("wrong"), "{text:?} {start}");
            }
        }
    }

    #[cfg(not(feature = "render"))]
    #[test]
    fn a_problem_is_shown_plainly_without_the_renderer() {
        let problem = Problem::of_file("w.yaml", "wrong").at("a: 1\n\té: 22\n", 10..12).label("a number");
        let shown = Problems::from(problem.help(Some("write 3".to_owned()))).render(true, 80);
        let expected = "w.yaml:2:5: wrong\n  2 | \té: 22\n    |     ^^ a number\n  help: write 3\n\n1 problem\n";
        assert_eq!(shown, expected);
    }
}
