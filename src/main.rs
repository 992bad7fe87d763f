//! The binary: everything is in the library.

fn main() -> std::process::ExitCode {
    rbuildout::cli::main()
}
