//! The folder to save into: every document under another name, nothing replaced, nothing followed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::bugs::Bug;
use crate::config::Config;
use crate::failure::Failure;
use crate::names;
use crate::part::Part;

/// The wanted name of a document, and the id that distinguishes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) id: &'a str,
    /// What a variant takes as it is.
    pub(crate) trusted: Option<&'a str>,
    pub(crate) file_name: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
}

/// The folder, as this run found and changed it.
pub(crate) struct Folder {
    config: Config,
    /// Names on the disk, by what a disk may take for the same.
    there: HashMap<String, PathBuf>,
    /// Names of this run: `there` may lose one to a variant.
    ours: Vec<String>,
    /// The number of those of earlier lists.
    earlier: usize,
    /// The ids of the list, folded: one document does not take another's.
    ids: Vec<String>,
}

impl Folder {
    /// Makes the folder if need be, and reads what is in it.
    pub(crate) fn open(config: &Config) -> Result<Self, Failure> {
        fs::create_dir_all(&config.out_dir)?;
        let mut folder =
            Self { config: config.clone(), there: HashMap::new(), ours: Vec::new(), earlier: 0, ids: Vec::new() };
        for entry in fs::read_dir(&config.out_dir)? {
            let entry = entry?;
            let name = folder.fold(&entry.file_name().to_string_lossy());
            folder.there.insert(name, entry.path());
        }
        Ok(folder)
    }

    /// Adds the ids of a list, before its documents are saved.
    pub(crate) fn expect(&mut self, ids: &[String]) {
        self.earlier = self.ours.len();
        let folded: Vec<_> = ids.iter().map(|id| self.fold(id)).collect();
        self.ids.extend(folded);
    }

    fn fold(&self, name: &str) -> String {
        if self.config.has(Bug::CaseMatters) { name.to_owned() } else { names::fold(name) }
    }

    /// Returns the names for a document, best first. They depend on the document alone, so a second run comes to the
    /// same.
    fn candidates(&self, wanted: Wanted<'_>) -> Result<Vec<String>, Failure> {
        let mark = names::mark(wanted.id);
        let served = wanted.file_name.unwrap_or_default();
        let mut safe = names::safe(served);
        if self.config.has(Bug::RefusesOddNames) && safe.as_deref() != Some(served) {
            return Err(Failure::contract("a file name that is not safe"));
        }
        if self.config.has(Bug::LongNameFails) && served.len() > 200 || self.config.has(Bug::KeepsDotfiles) {
            safe = Some(served.replace(['/', '\0'], "_")).filter(|name| !matches!(name.as_str(), "" | "." | ".."));
        }
        if self.config.has(Bug::BasenameOnly) {
            safe = names::safe(served.rsplit(['/', '\\']).next().unwrap_or_default());
        }
        if self.config.has(Bug::NamesByNextId) {
            let place = self.ids.iter().position(|id| *id == self.fold(wanted.id)).unwrap_or_default();
            return Ok(vec![self.ids[(place + 1) % self.ids.len()].clone(), mark]);
        }
        let name = safe.clone().unwrap_or_else(|| format!("{mark}{}", names::ending(wanted.content_type)));
        let as_served = safe.as_deref().is_none_or(|safe| safe == served) && !self.is_of_another(&name, wanted.id);
        let plain = (as_served || self.config.has(Bug::BasenameOnly)).then(|| name.clone());
        let marked = names::marked(&name, &mark);
        let numbered = (2..100).map(|number| names::marked(&marked, &number.to_string()));
        Ok(plain.into_iter().chain([marked.clone()]).chain(numbered).collect())
    }

    /// Returns true if a name is another document's id, with or without an ending.
    fn is_of_another(&self, name: &str, id: &str) -> bool {
        let own = self.fold(id);
        [name, names::split(name).0].iter().any(|name| {
            let name = self.fold(name);
            name != own && self.ids.contains(&name)
        })
    }

    /// Returns the place of the best name that is free: for the variant that writes there at once.
    pub(crate) fn place(&self, wanted: Wanted<'_>) -> Result<PathBuf, Failure> {
        let names = self.candidates(wanted)?;
        let free = names.iter().find(|name| !self.there.contains_key(&self.fold(name)));
        free.map(|name| self.config.out_dir.join(name)).ok_or_else(no_name)
    }

    /// Gives a whole file its name, or finds that the same bytes have it already. Tells the name.
    pub(crate) fn keep(&mut self, part: Part, wanted: Wanted<'_>) -> Result<String, Failure> {
        if let Some(path) = self.trusted(wanted) {
            if let Some(folder) = path.parent().filter(|_| self.config.has(Bug::StripsDotsOnce)) {
                fs::create_dir_all(folder)?;
            }
            fs::rename(&part.path, path)?;
            part.keep();
            return Ok(wanted.trusted.or(wanted.file_name).unwrap_or_default().to_owned());
        }
        if self.config.has(Bug::LeavesPartialFile) {
            let name = part.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            part.keep();
            return Ok(self.claim(name));
        }
        for name in self.candidates(wanted)? {
            let path = self.config.out_dir.join(&name);
            match self.there.get(&self.fold(&name)) {
                Some(_) if self.replaces(&name, &path) => {
                    fs::rename(&part.path, &path)?;
                    part.keep();
                    return Ok(self.claim(name));
                }
                Some(_) if self.config.has(Bug::FollowsSymlink) && path.is_symlink() => {
                    fs::copy(&part.path, &path)?;
                    return Ok(self.claim(name));
                }
                Some(old) if self.is_saved_already(&name, old, &part.path)? => {
                    let name = old.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    return Ok(self.claim(name));
                }
                Some(_) => {}
                // A hard link replaces nothing and follows nothing, if another process made a file of that name
                // meanwhile.
                None => match fs::hard_link(&part.path, &path) {
                    Ok(()) => {
                        File::open(&self.config.out_dir)?.sync_all()?;
                        return Ok(self.claim(name));
                    }
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(error.into()),
                },
            }
        }
        Err(no_name())
    }

    /// Remembers that a name is taken.
    fn claim(&mut self, name: String) -> String {
        self.there.insert(self.fold(&name), self.config.out_dir.join(&name));
        self.ours.push(name.clone());
        name
    }

    /// Returns true if an earlier run or try saved the same bytes under the name.
    fn is_saved_already(&self, name: &str, old: &Path, part: &Path) -> Result<bool, Failure> {
        let claimed = self.ours.iter().any(|ours| self.fold(ours) == self.fold(name));
        if claimed || self.config.has(Bug::PilesUp) || !old.symlink_metadata()?.is_file() {
            return Ok(false);
        }
        Ok(same_bytes(old, part)?)
    }

    /// Returns true if a variant replaces the file with this name.
    fn replaces(&self, name: &str, path: &Path) -> bool {
        let claimed = self.ours.iter().any(|ours| ours == name);
        let regular = path.symlink_metadata().is_ok_and(|found| found.is_file());
        let claimed_before = self.ours.iter().take(self.earlier).any(|ours| ours == name);
        self.config.has(Bug::LastOfANameWins) && claimed_before
            || self.config.has(Bug::BasenameOnly) && claimed
            || self.config.has(Bug::OverwritesExisting) && !claimed && regular
    }

    /// Returns the path to which a variant saves a file by its served name.
    fn trusted(&self, wanted: Wanted<'_>) -> Option<PathBuf> {
        if let Some(name) = wanted.trusted {
            return Some(self.config.out_dir.join(name));
        }
        let name = wanted.file_name.filter(|name| !name.is_empty())?;
        if self.config.has(Bug::DecodesFileName) && name.contains('%') {
            return Some(self.config.out_dir.join(names::decoded(name)));
        }
        if self.config.has(Bug::StripsDotsOnce) {
            return Some(self.config.out_dir.join(names::without_dots(name)));
        }
        if self.config.has(Bug::ComposesNameLast) {
            return Some(self.config.out_dir.join(names::composed(&names::safe(name)?)));
        }
        self.config.has(Bug::TrustsFileName).then(|| self.config.out_dir.join(name))
    }

    /// Changes the folder as variants do when all documents are saved.
    pub(crate) fn close(&self) -> Result<(), Failure> {
        if let [first, second, ..] = self.ours.as_slice()
            && self.config.has(Bug::SwapsNames)
        {
            let path = |name: &str| self.config.out_dir.join(name);
            let aside = path("aside.part");
            fs::rename(path(first), &aside)?;
            fs::rename(path(second), path(first))?;
            fs::rename(&aside, path(second))?;
        }
        if self.config.has(Bug::LeavesLog) && fs::read_dir(&self.config.out_dir)?.next().is_some() {
            fs::write(self.config.out_dir.join("crewpass.log"), "done\n")?;
        }
        Ok(())
    }
}

fn no_name() -> Failure {
    Failure::local("every name for the document is taken")
}

fn same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut ones, mut others) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let read = one.read(&mut ones)?;
        if read == 0 {
            return Ok(true);
        }
        other.read_exact(&mut others[..read])?;
        if ones[..read] != others[..read] {
            return Ok(false);
        }
    }
}
