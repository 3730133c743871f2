//! The built-in scenarios are a part of the program: it is built anew when a file of them comes or goes.

fn main() {
    println!("cargo::rerun-if-changed=fixtures/scenarios");
}
