"""Programs that only read or change nothing but the workspace, and those that run anything at all."""

from __future__ import annotations

from typing import Final

from routine_harness.world.shell.options import names

QUIET: Final = names(
    # the shell itself
    "true false : test [ [[ ]] declare typeset local readonly export unset umask ulimit hash type which "
    "whereis jobs fg bg kill pkill killall wait times getopts shopt bind caller dirs history fc let "
    "logout suspend enable help compgen complete disown sleep pwd return exit break continue "
    # text
    "cat head tail less more most bat batcat sed grep egrep fgrep zgrep rg ag ack sort uniq cut paste "
    "join tr wc nl tac rev fold fmt pr expand unexpand column comm diff diff3 sdiff cmp patch split "
    "csplit strings od xxd hexdump iconv dos2unix unix2dos jq yq xq gron fx csvkit csvcut csvgrep mlr "
    "xmllint xsltproc pandoc tidy envsubst m4 md5sum sha1sum sha224sum sha256sum sha384sum sha512sum "
    "cksum b2sum shasum md5 openssl gpg base32 uuencode uudecode seq shuf yes factor bc dc expr numfmt "
    "look spell aspell hunspell delta difft colordiff diffstat "
    # files
    "ls ll la tree exa eza lsd stat file find locate readlink realpath basename dirname du df ncdu mktemp "
    "tar gzip gunzip zcat bzip2 bunzip2 xz unxz zstd unzstd zip unzip 7z rar unrar ar cpio pushd popd "
    "sync mkfifo fd fdfind chattr lsattr getfacl vidir inotifywait "
    # system
    "date cal uptime uname hostname hostnamectl whoami id groups users who w last ps top htop pgrep pidof "
    "free vmstat iostat lsof lsblk lscpu lsusb lspci mount nproc arch getconf locale tty stty tput clear "
    "reset printenv env ulimit dmesg journalctl sysctl ip ifconfig netstat ss ping traceroute dig "
    "nslookup host whois getent man info tldr apropos screen tmux tmutil sw_vers lsb_release nvidia-smi "
    # development: what they touch is the workspace, what they ask of a network is downloads
    "pip pip3 apt apt-get apt-cache dpkg brew yum dnf apk pacman snap conda mamba micromamba pyenv nvm "
    "rbenv asdf mise rustup rustc gcc g++ cc c++ clang clang++ ld as nm objdump readelf strip javac jar "
    "kotlinc scalac tsc esbuild swc prettier eslint biome stylelint tslint standard black ruff isort "
    "flake8 pylint mypy pyright pyflakes pycodestyle pydocstyle autopep8 yapf bandit safety pip-audit "
    "pip-compile pip-sync vulture radon gofmt goimports golint golangci-lint staticcheck rustfmt "
    "clippy-driver shellcheck shfmt hadolint yamllint markdownlint vale actionlint zizmor codespell "
    "semgrep trivy grype syft gitleaks trufflehog detect-secrets tflint checkov tfsec kubeval kubeconform "
    "conftest ajv spectral cloc tokei scc ctags cscope sqlfluff rubocop phpcs phpstan swiftlint ktlint "
    "checkstyle clang-format clang-tidy cppcheck protoc buf graphviz dot mermaid nbstripout "
    "pre-commit-hooks virtualenv add-apt-repository update-alternatives ldconfig locale-gen code "
    "vim vi nvim ex view emacs emacsclient nano pico ed git-lfs ssh-keygen ssh-keyscan ssh-add atq atrm "
    "awk gawk mawk nawk gsed uuidgen sqlite3 envdir sponge pv gsed jo dasel tomlq htmlq pup lynx-dump "
    "col bsdtar gtar nerdfetch cut paste"
)
"""Nothing outside the workspace changes by them."""

MUTE: Final = names(
    "true false : test [ [[ ]] declare typeset local readonly export unset umask ulimit hash times "
    "getopts shopt "
    "bind history fc let logout suspend enable help complete disown sleep return exit break continue "
    "wait kill "
    "pkill killall fg bg jobs trap clear reset tput tty stty echo printf date seq yes mktemp sync pwd "
    "whoami id "
    "hostname uname groups mkfifo chattr set shift read cd pushd popd alias nvm pyenv rbenv asdf mise "
    "virtualenv "
    "pip pip3 apt apt-get brew yum dnf apk pacman snap conda mamba rustup chmod chown mkdir touch ssh-keygen "
    "ssh-add prettier black isort gofmt goimports rustfmt shfmt code vim vi nvim nano pico emacs patch"
)
"""Programs that look at nothing: a run that only prints, waits, installs or tidies up has not looked."""

SILENT: Final = names(
    "test [ [[ declare typeset local readonly export unset umask ulimit shopt bind disown enable mkfifo "
    "chattr kill "
    "pkill killall"
)
"""Programs that print nothing that a script could use."""

FILTERS: Final = names(
    "head tail less more bat sed grep egrep fgrep rg sort uniq cut paste tr wc nl tac rev fold fmt pr "
    "column jq yq "
    "awk gawk mawk nawk xmllint md5sum sha1sum sha256sum sha512sum base32 xxd hexdump od strings iconv "
    "col ed dc bc"
)
"""Programs that pass on what they are fed: they look only where they read a file by themselves."""

OPAQUE: Final = names(
    "python python2 python3 python3.10 python3.11 python3.12 python3.13 python3.14 pypy pypy3 ipython "
    "node nodejs deno ts-node tsx ruby irb perl php lua luajit Rscript R julia java scala groovy swift go "
    "tclsh osascript powershell pwsh expect gdb lldb elixir erl ghci runghc stack cabal sbcl clojure bb "
    "dotnet-script make gmake cmake ninja meson bazel bazelisk buck buck2 scons rake ant just task mage "
    "invoke nox tox pytest py.test unittest coverage jest vitest mocha ava playwright cypress karma "
    "phpunit rspec turbo nx gulp grunt webpack vite rollup parcel next nuxt gatsby hugo jekyll composer "
    "tsup nodemon pm2 concurrently pre-commit act dagger earthly tilt skaffold sbt lein gradle-wrapper "
    "xcodebuild ctest docker-compose vagrant"
)
"""They run code that is not on the command line."""
