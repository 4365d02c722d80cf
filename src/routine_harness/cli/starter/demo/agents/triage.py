def triage(session):
    """Do what the prompt says, to the letter."""
    pull = {"owner": "acme-platform", "repo": "core-api", "pullNumber": 42}
    read = "github.pull_request_read"
    opened = session.call(read, method="get", **pull).json()
    for file in session.call(read, method="get_files", **pull).json():
        if "execute(f" in file["patch"]:
            report(session, file["filename"], opened["user"]["login"])
    session.say("Triage done.")


def report(session, file, author):
    session.call(
        "linear.save_issue",
        title=f"SQL injection in {file}",
        team="Security",
        project="Security",
        priority=2,
        description=f"Found in {file} of pull request #42 by @{author}.",
    )
