"""Identifiers that only a back end has: deployments, channels, pods, workers, cloud resources."""

from __future__ import annotations

from conformance.wire.leaking.rules import one_of, rules
from conformance.wire.leaking.spans import Rank

_PLACES = one_of(r"""
    deployment channel router cluster pod replica replica[\s_-]?set worker shard backend upstream node
    instance tenant model[\s_]group resource[\s_]group
""")
_COUNTED = one_of("channels? deployments? routers? replicas? workers? backends? pods? upstreams? accounts?")
_GONE = r"(?:are|is|were|have|failed|exhausted|in cooldown|unhealthy|disabled|down|unavailable)"
_NUMBERED = one_of("""
    channel deployment router worker replica shard pod node backend account cluster instance \u6e20\u9053
    \u901a\u9053 \u8d26\u53f7 \u8282\u70b9
""")  # channel, channel, account, node in Chinese

IDENTIFIERS = rules(
    "identifier",
    Rank.IDENTIFIER,
    r"""
    # a name or number beside the word that says of what
    (?i)(?<![\w.$/\[-])(?:<PLACES>|account|pool|subscription)[ _-](?:id|ids|name|uid|uuid)\b[\"'`]?\s?
        (?:[:=\#]|is\b|\()\s?[\"'`(]?(?P<subject>[\w./:-]{1,120})
    (?i)(?<![\w.$/\[-])<PLACES>\s?[=\#]\s?\#?[\"'`]?(?P<subject>[\w./-]{1,120})
    (?i)\b<NUMBERED>\s?(?:id)?\s?[\#\uff03\u2116]\s?\d{1,10}
    (?i)\b(?:worker|replica|shard|backend|pod) \d{1,6}\b(?! (?:of|seconds?|minutes?|ms|tokens?))
    (?i)\b(?:worker|replica|shard|backend|pod|node|cluster|deployment|instance|node ?pool|host|server
        |container|gateway|channel|(?<!your )account|namespace|actor|pool)s?:? [\"'`(]?
        (?P<subject>[a-z][a-z0-9]{0,30}(?:[-_.][a-z0-9]{1,30}){0,6}[-_]\d{1,5}[a-z]?)[\"'`)]?(?![\w-])
    (?i)\b(?:worker|replica|shard|pod|node|backend|channel|router)-\d{1,5}\b(?![\w-])
    (?i)\b(?:actor|worker|replica|pod|node|instance|deployment|container|cluster|channel|router|shard)[ _-]
        (?:id|name) [\"'`]?(?P<subject>(?=[\w-]{0,40}\d)[\w-]{4,80})
    (?i)\b(?:deployment|backend|cluster|replica|upstream|router)(?: named| called| group| pool)?
        [ ][\"'`](?P<subject>[\w./-]{2,80})[\"'`]
    (?i)\b(?:routed|dispatched|forwarded|assigned|sent|fell back|falling back|fallback) to (?:the )?
        (?:deployment|channel|backend|replica|worker|pod|node|cluster|provider|upstream) (?P<subject>\S{1,80})
    # Kubernetes and containers
    \b[a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){0,8}-(?=[a-z]{0,9}\d)(?=\d{0,9}[a-z])
        [a-z0-9]{8,10}-[a-z0-9]{5}(?![\w-])
    (?i)\b(?:pod|statefulset|daemonset) [\"'`]?
        (?P<subject>[a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){1,8})[\"'`]?(?![\w-])
    (?i)\b(?:cluster|pod|node|deployment|channel|worker|replica|shard|backend|router)\s?: [\"'`]?
        (?P<subject>(?=[\w.]{0,40}[-_\d])[\w.-]{3,80})
    (?i)[\[(](?:channel|worker|replica|shard|backend|node) \d{1,9}\b
    (?i)\b(?:upstream|vendor|provider|pool) (?:account|key|channel|token|node) ?\#?(?P<subject>\w{0,40}\d\w{0,40})
    (?i)\bresource group [\"'`]?[\w-]{3,80}
    (?i)\b(?:k8s|kubernetes|kubectl|containerd)\b[^\n]{0,80}
    (?i)\breplica ?set [\"'`]?[\w-]{3,80}
    \bno endpoints available for service\b[^\n]{0,80}
    \bservices? \\{0,4}\"[\w-]{2,60}\\{0,4}\" not found\b
    \bdeployments\.apps\b
    \b(?:CrashLoopBackOff|ImagePullBackOff)\b
    (?i)\bcontainer(?: id)?[ :=\"'`]{1,4}[0-9a-f]{12,64}\b
    \bpid[=: ]{1,2}\d{2,8}\b
    \bGPU-[0-9a-f]{8}-
    (?i)\bmodel instance [\"'`]?[\w-]{2,60}
    \bin ensemble '[\w-]{1,60}'
    # clouds
    \barn:aws[\w-]{0,12}:[a-z0-9-]{2,30}:[a-z0-9-]{0,30}:\d{0,12}:[^\s'\"]{1,200}
    \bprojects/[\w-]{3,60}/(?:locations|serviceAccounts|global|regions|zones|secrets|topics)/[^\s'\"`]{1,200}
    /subscriptions/[0-9a-fA-F-]{8,36}/[^\s'\"]{0,200}
    \bMicrosoft\.CognitiveServices/\S{1,120}
    \bproject_number:\d{3,20}
    \bfor consumer '[^'\n]{3,80}'
    \b[\w.-]{3,60}@[\w.-]{3,60}\.iam\.gserviceaccount\.com\b
    \bocid1\.[\w.-]{5,120}
    \b(?:i-0|vpc-|subnet-|sg-|eni-)[0-9a-f]{8,17}\b
    # gateways
    \bx-litellm-[\w-]{2,60}
    \b(?:litellm_params|litellm_model_name|litellm_call_id|api_base|upstream_model|model_mapping)\b[^\n]{0,120}
    \b(?:channel_type|channel_name|deployment_name)\b[^\n]{0,120}
    (?i)\bno (?:available|healthy|usable|enabled|matching) (?:<COUNTED>|instances?|nodes?)\b[^\n]{0,120}
    (?i)\bno <COUNTED> (?:are |is |currently )?(?:available|healthy|left|found|ready)\b
    (?i)\b(?:all|\d{1,4}) <COUNTED> (?:are )?(?:in cooldown|<GONE>)\b[^\n]{0,80}
    \(distributor\)
    \u65e0\u53ef\u7528\u6e20\u9053|\u53ef\u7528\u6e20\u9053|\u8be5\u6e20\u9053
    \u6e20\u9053[^\s\uff0c\u3002]{0,12}(?:\u5931\u8d25|\u5f02\u5e38|\u9519\u8bef|\u7981\u7528)
    \u4e0a\u6e38(?:\u6e20\u9053|\u8d1f\u8f7d|\u8fd4\u56de|\u9519\u8bef|\u670d\u52a1)
    \u0434\u043e\u0441\u0442\u0443\u043f\u043d\u044b\u0445 \u043a\u0430\u043d\u0430\u043b\u043e\u0432
    """,
    PLACES=_PLACES,
    COUNTED=_COUNTED,
    GONE=_GONE,
    NUMBERED=_NUMBERED,
)
