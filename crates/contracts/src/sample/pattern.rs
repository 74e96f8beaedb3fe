//! Texts that a regular expression matches.

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};

use super::dice::Dice;

/// The longest text that is made.
pub(super) const MOST_LETTERS: usize = 256;
/// How many more times than it has to a part is repeated by chance.
const MOST_REPEATS: u64 = 6;

/// A text that `pattern` matches: the plainest, or one by chance. `None` if none is found.
pub(super) fn text(pattern: &str, dice: Option<&mut Dice>) -> Option<String> {
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    let mut maker = Maker { dice, out: String::new() };
    maker.matching(&hir).then_some(maker.out)
}

struct Maker<'d> {
    dice: Option<&'d mut Dice>,
    out: String,
}

impl Maker<'_> {
    /// Adds a text that the expression matches; false if none is found.
    fn matching(&mut self, hir: &Hir) -> bool {
        if self.out.len() > MOST_LETTERS {
            return false;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => {
                    self.out.push_str(text);
                    true
                }
                Err(_) => false,
            },
            HirKind::Class(Class::Unicode(class)) => {
                let chosen = self.letter(class);
                self.out.extend(chosen);
                chosen.is_some()
            }
            HirKind::Class(Class::Bytes(_)) => false,
            HirKind::Repetition(repetition) => {
                let times = self.times(repetition.min, repetition.max);
                (0..times).all(|_| self.matching(&repetition.sub))
            }
            HirKind::Capture(capture) => self.matching(&capture.sub),
            HirKind::Concat(parts) => parts.iter().all(|part| self.matching(part)),
            HirKind::Alternation(choices) => {
                let at = self.dice.as_mut().map_or(0, |dice| dice.position(choices.len()));
                choices.get(at).is_some_and(|choice| self.matching(choice))
            }
        }
    }

    fn times(&mut self, min: u32, max: Option<u32>) -> u32 {
        match &mut self.dice {
            Some(dice) => {
                let spare =
                    max.map_or(MOST_REPEATS, |max| u64::from(max.saturating_sub(min)).min(MOST_REPEATS));
                min.saturating_add(u32::try_from(dice.below(spare + 1)).unwrap_or(0))
            }
            None if min == 0 && max != Some(0) => 1,
            None => min,
        }
    }

    /// A letter or digit where the class has one, since a control character makes a poor example.
    fn letter(&mut self, class: &ClassUnicode) -> Option<char> {
        let has = |c: &char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(c));
        let mut good = ('a'..='z').chain('A'..='Z').chain('0'..='9').filter(has);
        let first = class.ranges().first().map(regex_syntax::hir::ClassUnicodeRange::start);
        match &mut self.dice {
            Some(dice) => {
                let others = (' '..='~').filter(|c| !c.is_alphanumeric()).filter(has);
                let all: Vec<char> = good.chain(others).collect();
                dice.pick(&all).copied().or(first)
            }
            None => good.next().or(first),
        }
    }
}
