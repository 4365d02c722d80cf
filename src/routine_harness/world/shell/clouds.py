"""Programs that change machines, clusters and clouds; the notation is explained in ``table``."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
terraform, tofu, terragrunt : -var -var-file -target -state -lock-timeout -parallelism -out
        -backend-config
    infrastructure.changed = apply, import, taint, untaint, refresh, state rm, state mv, state push,
        state replace-provider, workspace new, force-unlock, run-all apply
    infrastructure.deleted = destroy, workspace delete, run-all destroy
kubectl, oc, k : -n --namespace --context --kubeconfig --cluster --user -f --filename -o --output -l
        --selector -c --container -p --patch --type --image --replicas -k --as -s --server --token
    infrastructure.changed = apply, create, edit, patch, replace, scale, autoscale, set, label,
        annotate, expose, run, drain, cordon, uncordon, taint, rollout restart, rollout undo, rollout
        pause, rollout resume, cp, debug, adm, certificate, new-app, new-project, start-build,
        import-image, tag, policy
    infrastructure.deleted = delete
    command.opaque = exec, attach, rsh
helmfile : -e -f
    infrastructure.changed = apply, sync
    infrastructure.deleted = destroy, delete
pulumi : -s --stack -C --cwd -m
    infrastructure.changed = up, update, import, cancel, stack init, state delete, refresh
    infrastructure.deleted = destroy, stack rm
cdk
    infrastructure.changed = deploy, bootstrap, import
    infrastructure.deleted = destroy
serverless, sls : --stage -s --region -r
    infrastructure.changed = deploy, rollback, invoke
    infrastructure.deleted = remove
argocd
    infrastructure.changed = app sync, app create, app set, app rollback
    infrastructure.deleted = app delete
flux
    infrastructure.changed = bootstrap, create, reconcile, suspend, resume
    infrastructure.deleted = delete
eksctl
    infrastructure.changed = create, scale, upgrade
    infrastructure.deleted = delete
istioctl
    infrastructure.changed = install, upgrade
    infrastructure.deleted = uninstall
vercel : -t --token --scope -S
    infrastructure.changed = deploy, promote, rollback, env add, env rm, alias, (none)
    infrastructure.deleted = remove, rm
netlify
    infrastructure.changed = deploy, env:set, env:unset, sites:create
    infrastructure.deleted = sites:delete
wrangler
    infrastructure.changed = deploy, publish, secret put, secret delete, pages deploy, d1 execute,
        kv:key put, rollback
    infrastructure.deleted = delete
firebase : -P --project --only
    infrastructure.changed = deploy, hosting:disable, database:set
    infrastructure.deleted = functions:delete, firestore:delete, database:remove
fly, flyctl : -a --app -c --config
    infrastructure.changed = deploy, scale, secrets set, secrets unset, apps create, launch
    infrastructure.deleted = destroy, apps destroy
    command.opaque = ssh
heroku : -a --app -r --remote
    infrastructure.changed = config:set, config:unset, ps:scale, ps:restart, restart, create,
        apps:create, releases:rollback, rollback, addons:create, maintenance:on, maintenance:off,
        container:push, container:release
    command.opaque = run
    infrastructure.deleted = apps:destroy, destroy, addons:destroy, pg:reset
railway
    infrastructure.changed = up, variables
    infrastructure.deleted = down
    command.opaque = run
render
    infrastructure.changed = deploys create, services create
supabase
    infrastructure.changed = db push, db reset, functions deploy, secrets set, secrets unset, projects
        create
    infrastructure.deleted = functions delete, projects delete
ansible-playbook, service, reboot, shutdown
    infrastructure.changed = *
packer
    infrastructure.changed = build
nomad
    infrastructure.changed = job run, run, job stop, stop
consul
    infrastructure.changed = kv put
    infrastructure.deleted = kv delete
vault
    infrastructure.changed = write, kv put, kv patch
    infrastructure.deleted = delete, kv delete, kv destroy
    access.granted = policy write, token create
    access.revoked = token revoke
etcdctl
    infrastructure.changed = put
    infrastructure.deleted = del
redis-cli : -h -p -a -n -u
    infrastructure.changed = set, SET, hset, HSET, lpush, LPUSH, rpush, RPUSH, publish, PUBLISH, expire,
        EXPIRE, incr, INCR, sadd, SADD, eval, EVAL
    infrastructure.deleted = del, DEL, flushall, FLUSHALL, flushdb, FLUSHDB, unlink, UNLINK
sentry-cli : -o --org -p --project --auth-token
    infrastructure.changed = releases new, releases finalize, deploys new, releases deploys, send-event
    infrastructure.deleted = releases delete
    file.uploaded = sourcemaps upload
stripe
    infrastructure.changed = trigger, post
    infrastructure.deleted = delete
aws : --region --profile --output --endpoint-url --query
    file.uploaded = s3 cp, s3 mv, s3 sync
    file.deleted = s3 rm
    infrastructure.changed = s3 mb, lambda invoke, cloudformation deploy
    infrastructure.deleted = s3 rb
    notification.sent = sns publish, sqs send-message, ses send-email
    ? = *
gcloud : --project --region --zone --format --account --configuration
    infrastructure.changed = app deploy, run deploy, functions deploy, builds submit
    file.uploaded = storage cp
    file.deleted = storage rm
    notification.sent = pubsub topics publish
    ? = *
gsutil
    file.uploaded = cp, mv, rsync
    file.deleted = rm
    infrastructure.changed = mb, setmeta
    infrastructure.deleted = rb
    access.granted = acl, iam
bq
    infrastructure.changed = query, load, mk, insert, cp, update
    infrastructure.deleted = rm
az : -g --resource-group -n --name --subscription -o --output -l --location
    file.uploaded = storage blob upload
    file.deleted = storage blob delete
    ? = *
doctl : -t --access-token
    ? = *
linode-cli, hcloud, ibmcloud, oci
    ? = *
slack
    message.posted = chat send
    message.updated = chat update
    message.deleted = chat delete
    infrastructure.changed = deploy, trigger
systemctl
    infrastructure.changed = start, stop, restart, reload, enable, disable, mask, kill, poweroff,
        reboot, daemon-reload
"""
