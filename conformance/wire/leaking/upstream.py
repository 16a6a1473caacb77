"""Errors, names and calls of upstream providers, and the inside of gateways before them.

That something upstream failed may be said; who it was, and what it said, may not.
"""

from __future__ import annotations

from conformance.wire.leaking.providers import PROVIDER_CLASSES, PROVIDERS
from conformance.wire.leaking.rules import one_of, rules
from conformance.wire.leaking.spans import Rank

_QUOTE = r"\\{0,4}[\"']"
_SPACE = r"\s{0,40}(?:\\+[nrt]\s{0,40}){0,20}"
_CODE = r"(?:(?:Error|error) code: \d{3} - )?"

_NESTED = rules(
    "upstream",
    Rank.NESTED_ERROR,
    r"""
    (?s)(?:\b\d{3} [A-Z][A-Za-z_ ]{2,40}[.:] ?)?<CODE>(?:b?<QUOTE>)?\[?\{<SPACE><QUOTE>
        (?:errors?|error_message|errorMessage|errorType|fault|detail|error_code|err|error_msg)<QUOTE>\s?:\s{0,9}
        (?!(?:null|None)\b).{0,20000}
    (?s)<CODE>\{<SPACE><QUOTE>
        (?:message|msg|code|status|type|object|request_id|requestId|id|statusCode|status_code|Code|Message|success)
        <QUOTE>\s?:[^{}]{0,600}<QUOTE>
        (?:message|msg|error|code|status|error_code|error_msg|Message|request_id|requestId)<QUOTE>\s?:.{0,20000}
    (?s)\b(?:Error|error) code: \d{3} - (?=[{\[b]).{0,20000}
    (?si)\b(?:failed|error|returned|responded|response|said|body)[ :]{1,3}[{\[]\s?<QUOTE>
        (?:code|message|error|detail|status|type)<QUOTE>.{0,20000}
    (?s)\b(?:response|body|raw|payload|upstream)(?: body| text)?\s?[:=]\s?\\{0,4}[\"'`]?\s?
        [{\[](?!\]|\}).{2,20000}
    (?si)<(?:!doctype html|html|head|body)\b.{0,100000}
    (?s)<\?xml .{0,20000}
    (?s)<Error><Code>.{0,20000}
    """,
    in_urls=True,
    QUOTE=_QUOTE,
    SPACE=_SPACE,
    CODE=_CODE,
)

_SAID = one_of(r"""
    error exception returned responded replied request\sfailed call\sfailed rejected failed status(?:\scode)?
""")

_TROUBLED = one_of(r"exceeded exhausted overloaded unavailable timed\sout throttled refused denied")
_FAMILIES = one_of("Claude Gemini Mistral DeepSeek Cohere Doubao MiniMax")  # models are named after them too
_LOWER = one_of("""
    openai azure(?:_?(?:open)?ai)? anthropic bedrock vertex(?:_?ai)? gemini groq deepseek together(?:_?ai)? cohere mistral
    ollama vllm sglang xai openrouter fireworks(?:_?ai)? replicate huggingface dashscope moonshot zhipu minimax
    siliconflow
""")
_PACKAGES = one_of("""
    azure cohere mistralai anthropic groq openai vertexai together replicate botocore boto3 huggingface_hub ollama zhipuai
    dashscope volcengine
""")
_TEXTS = rules(
    "upstream",
    Rank.UPSTREAM,
    r"""
    # LiteLLM
    (?<![\w./-])litellm\.(?!ai\b)[A-Za-z_]\w{1,60}[^\n]{0,400}
    (?<![\w./-])LiteLLM\b[^\n]{0,120}
    (?<![\w./-])litellm (?:proxy|router|error|exception|server|gateway|completion)\b[^\n]{0,120}
    \b<PACKAGES>(?:\.\w{1,60}){0,8}\.\w{0,60}(?:Error|Exception|Timeout)\b[^\n]{0,300}
    \blitellm_(?!params\b)\w{2,60}
    \b<CLASSES>(?:Exception|Error)\b(?: ?- ?[^\n]{0,300})?
    \bFallbacks=\[?[^\n]{0,600}
    \b(?:Received Model Group|Available Model Group Fallbacks)=
    \bNo fallback model group found\b[^\n]{0,300}
    \bError doing the fallback\b[^\n]{0,300}
    \b(?:context_window_fallbacks?|cooldown_list)\b
    \bNo deployments available\b[^\n]{0,200}
    \bTry again in \d+ seconds\. Passed model=
    # one-api and its kin
    \bdo request failed\b[^\n]{0,300}
    \bbad response status code ?\d{3}\b
    \b(?:bad_response_(?:status_code|body)|get_channel_failed|do_request_failed)\b
    \brelay error\b
    \bstatus_code=\d{3},
    # OpenRouter and others
    (?i)\b(?:error from |the |upstream |model |llm |inference )?provider returned (?:an? )?
        (?:unexpected |invalid |http )?(?:error|status|response|code)\b[^\n]{0,200}
    (?i)\b(?:upstream )?error from (?:upstream )?(?:provider|upstream|backend)\s?[(:\[]?\s?
        (?!\.)\S[^\n]{0,200}
    (?i)\bupstream error from \w{2,40}\b[^\n]{0,200}
    (?i)\bupstream (?:api |http )?error\s?:\s?\S[^\n]{0,300}
    (?i)\bupstream(?:'s| server| service| api| provider| model| llm| backend| host| request| response
        | endpoint)?(?: has| was| is)? (?:returned|responded|replied|answered|failed)(?: code)?(?: with)?
        (?: (?:http|status|code|error|an?)){0,4}[ :=(]{1,3}[45]\d\d\b[^\n]{0,200}
    (?i)\bupstream (?:http |api )?(?:status|code|error)(?: code)?[ :=(]{1,3}(?:40[123]|429|5\d\d)\b[^\n]{0,99}
    # Envoy, Kong, nginx, Kubernetes
    \bupstream connect error or disconnect/reset before headers\b[^\n]{0,300}
    \bno healthy upstream\b
    \breset reason: [^\n]{0,120}
    \btransport failure reason\b
    \bresponse_flags?=
    \bfailure to get a peer from the ring-balancer\b
    \bdefault backend - 404\b
    \bwhile (?:connecting|reading|sending)[^\n]{0,60} upstream\b
    \b(?:upstream prematurely closed|no live upstreams|round-trip http request to upstream)\b
    \berror trying to reach service\b
    \A\s{0,9}upstream request timeout\s{0,9}\Z
    # clouds
    \bAn error occurred \(\w{3,60}\) when calling the \w{3,60} operation\b[^\n]{0,300}
    \b(?:bedrock[-_]runtime|InvokeModel(?:WithResponseStream)?|ConverseStream)\b
    \bgoogle\.(?:api_core|auth|rpc|cloud|genai|protobuf)\.[\w.]{2,80}
    \btype\.googleapis\.com/[\w.]{2,80}
    \bgenerate_content_\w{3,60}\b
    \bQuota exceeded for (?:quota )?metric\b[^\n]{0,200}
    \bPublisher Model\b[^\n]{0,200}
    \bResponsibleAIPolicyViolation\b(?=[^\n]{0,80}Azure)
    # a provider's name where it tells who was called
    \b(?!<FAMILIES>)<PROVIDERS>(?:'s)?(?: [\w-]{1,20}){0,2} (?:<SAID>|<TROUBLED>)\b(?:[ :]{1,2}[^\n]{0,300})?
    \b<FAMILIES>(?:'s)?(?: API| SDK| client| provider| backend| endpoint)? <SAID>\b(?:[ :]{1,2}[^\n]{0,300})?
    (?i)\bupstream \((?-i:<PROVIDERS>|<LOWER>)\)[^\n]{0,100}
    (?i)\b(?:calling|call to|from|by|to) (?:the )?<LOWER> (?:api|endpoint|provider)\b[^\n]{0,100}
    \b<PROVIDERS>(?: (?!users|clients|customers|docs|keys|SDK|models)[\w-]{1,20})?: \S[^\n]{0,200}
    (?i)\b(?:communicating with|response from|answer from|limited by|rejected by|refused by|blocked by|reported by)
        [ ](?:the )?(?-i:<PROVIDERS>)\b(?!'s safety)[^\n]{0,100}
    (?i)\b<LOWER>\s?(?:->|=>|\u2192)\s?\w{2,40}
    (?i)\bfallback (?:chain|model|provider|route)s? [^\n]{0,40}(?:exhausted|failed|->)
    (?i)\bmapped to (?:model )?[\"'`]?(?P<subject>[\w.-]{2,60}/[\w./-]{2,80})
    \[<PROVIDERS>\][^\n]{0,200}
    \b[Pp]rovider[ =:]{1,3}[\"'(]?<PROVIDERS>\b[^\n]{0,100}
    \bvia (?:provider )?<PROVIDERS>\b(?! SDK)
    (?i)\b(?:from|by|calling|to call|contacting|reach|connect to|against|request to) (?:the )?
        (?:upstream |provider |backend )?(?-i:<PROVIDERS>)(?: API| provider| backend| endpoint)?\s?
        (?::|\(|\bwith\b|\bfailed\b)[^\n]{0,200}
    \bthe (?!OpenAI)<PROVIDERS> API\b
    \b[45]\d\d (?:[\w ]{1,30} )?from <PROVIDERS>\b[^\n]{0,100}
    (?i)\b<LOWER>\s?: (?:error|status|code|[45]\d\d\b|\w{2,40}(?:Exception|Error)\b)[^\n]{0,200}
    (?i)\bprovider[ :]{1,2}[\"'`]?<LOWER>\b[^\n]{0,100}
    (?i)\bprovider [\"'`](?P<subject>[\w-]{2,40})[\"'`]
    (?i)\bprovider(?:[_ ](?:name|id))?\s?=\s?[\"']?(?P<subject>[\w./-]{2,60})[^\n]{0,100}
    """,
    CLASSES=PROVIDER_CLASSES,
    PROVIDERS=PROVIDERS,
    SAID=_SAID,
    LOWER=_LOWER,
    TROUBLED=_TROUBLED,
    FAMILIES=_FAMILIES,
    PACKAGES=_PACKAGES,
)

# What HTTP clients say when a call of the server's own failed: whatever the URL, it is upstream.
_CALLS = rules(
    "upstream",
    Rank.UPSTREAM,
    r"""
    \b(?:[Cc]lient|[Ss]erver|[Rr]edirect)(?: response| error| Error)?:? (?:'\d{3}[^'\n]{0,40}'|[^\n]{0,60})
        for url:? ['\"]?(?P<subject>https?://[^\s'\"]{3,300})
    \bfor url:? \(?['\"]?(?P<subject>https?://[^\s'\")]{3,300})
    \b(?:Get|Post|Put|Patch|Delete|Head|GET|POST|PUT|PATCH|DELETE) <QUOTE>(?P<subject>https?://[^\s\"']{3,300})<QUOTE>:
    \[(?:GET|POST|PUT|PATCH|DELETE|HEAD)\] <QUOTE>(?P<subject>https?://[^\s\"']{3,300})
    \b(?:[45]\d\d|status|error|response)[^\n]{0,30} from (?P<subject>https?://[^\s'\"]{3,300})
    \brequest to (?P<subject>https?://\S{3,300}) failed, reason:
    (?i)\bupstream (?P<subject>https?://[^\s'\"]{3,300})
    \bcURL error \d{1,3}:[^\n]{0,200}
    \bI/O error on (?:GET|POST) request for \\{0,4}\"(?P<subject>[^\"\n]{3,300})
    (?i)\b(?:base[_ ]?url|api[_ ]?base|upstream[_ ]?(?:url|endpoint|host)|endpoint[_ ]?url|target[_ ]?url)
        \s?[:=]\s?['\"]?(?P<subject>https?://[^\s'\"]{3,300})
    """,
    in_urls=True,
    QUOTE=_QUOTE,
)

UPSTREAM = (*_NESTED, *_TEXTS, *_CALLS)
