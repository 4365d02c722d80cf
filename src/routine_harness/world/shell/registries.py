"""Programs that publish, file, post and run; the notation is explained in ``table``."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
helm : -n --namespace -f --values --set --version --kube-context --kubeconfig
    infrastructure.changed = install, upgrade, rollback, test
    infrastructure.deleted = uninstall, delete
    package.published = push
sam
    infrastructure.changed = deploy, sync
    infrastructure.deleted = delete
    package.published = publish
docker : -H --host -c --context -l --log-level
    package.published = push, image push, manifest push, plugin push, compose push,
        --push
    infrastructure.changed = stack deploy, service create, service update, service scale, swarm leave
    infrastructure.deleted = stack rm, service rm
    command.opaque = run, exec, container run, container exec, compose run, compose exec, compose up
podman
    package.published = push, image push, manifest push, --push
    command.opaque = run, exec
skopeo
    package.published = copy, sync
    package.deleted = delete
crane
    package.published = push, copy, cp, tag
    package.deleted = delete
oras
    package.published = push, copy, cp, attach
    package.deleted = manifest delete
npm, pnpm, yarn, bun : --registry --tag --otp --access --workspace -w --prefix -C --dir --filter
    package.published = publish, deprecate, dist-tag add, dist-tag rm, npm publish, npm tag add, stage
        publish
    package.deleted = unpublish
    access.granted = access, owner add, token create
    access.revoked = owner rm, token revoke
    command.opaque = run, run-script, test, t, start, exec, x, dlx, rebuild
lerna
    package.published = publish
    branch.pushed = version
    command.opaque = run, exec
changeset, flit
    package.published = publish
semantic-release : -b -r
    release.created = *
release-it
    release.created = *
goreleaser
    release.created = release
    package.published = publish
    notification.sent = announce
twine : -r --repository --repository-url -u -p
    package.published = upload, register
poetry : -C --directory -r --repository -u -p
    package.published = publish
    command.opaque = run
uv : --publish-url --index --token -t
    package.published = publish
    command.opaque = run, tool run
hatch : -r --repo
    package.published = publish
    command.opaque = run, test
pdm
    package.published = publish
    command.opaque = run
maturin
    package.published = publish, upload
cargo : --manifest-path -p --package --token --registry --target --features
    package.published = publish, release
    package.deleted = yank
    access.granted = owner
    command.opaque = run, r, test, t, bench, xtask, make, nextest
gem
    package.published = push
    package.deleted = yank
    access.granted = owner
bundle
    command.opaque = exec
mvn : -f -s -pl -P
    package.published = deploy, release:perform, deploy:deploy-file
    branch.pushed = release:prepare
    command.opaque = *
mvnw
    package.published = deploy, release:perform
    command.opaque = *
gradle, gradlew
    package.published = publish, publishToMavenCentral, publishPlugins, uploadArchives
    command.opaque = *
dotnet
    package.published = nuget push
    package.deleted = nuget delete
    command.opaque = run, test
nuget
    package.published = push
    package.deleted = delete
pod
    package.published = trunk push, repo push
mix
    package.published = hex.publish
    command.opaque = run, test
dart
    package.published = pub publish
    command.opaque = run, test
conda
anaconda
    package.published = upload
    package.deleted = remove
vsce
    package.published = publish
    package.deleted = unpublish
luarocks
    package.published = upload
jfrog
    package.published = rt upload, rt u
    package.deleted = rt delete, rt del
eas
    infrastructure.changed = build
    package.published = submit, update
fastlane, ansible, claude
    command.opaque = *
glab : -R --repo -t --title -d --description -m --message
    pull_request.created = mr create
    pull_request.merged = mr merge
    pull_request.closed = mr close, mr delete
    comment.created = mr note, issue note
    review.approved = mr approve
    pull_request.updated = mr update
    ticket.created = issue create
    ticket.updated = issue close, issue update
    ticket.deleted = issue delete
    release.created = release create
    release.deleted = release delete
    workflow.started = ci run
    workflow.rerun = ci retry
    workflow.cancelled = ci cancel
    repository.created = repo create
    repository.deleted = repo delete
    repository.forked = repo fork
    variable.created = variable set
    variable.deleted = variable delete
    command.undecided = api
hub
    pull_request.created = pull-request
    repository.created = create
    repository.deleted = delete
    repository.forked = fork
    release.created = release create
    release.deleted = release delete
    ticket.created = issue create
    command.undecided = api
jira
    ticket.created = issue create, create
    ticket.updated = issue edit, issue move, issue assign
    comment.created = issue comment
    ticket.deleted = issue delete
linear
    ticket.created = issue create
    ticket.updated = issue update
    ticket.deleted = issue delete
    comment.created = issue comment
mail, mailx, sendmail, mutt, msmtp, swaks
    notification.sent = *
crontab
    nothing = -l
    schedule.created = *
at
    schedule.created = *
"""
