"""What internals look like in text: a table of patterns for each kind of leak.

A *block* takes in all that belongs to it (a whole traceback, a whole nested error), so that what lies inside is not
told again. A *weak* pattern is only the wrapping, such as the name of an exception: it counts where the same text
holds nothing more telling. The group ``subject`` is the part that must not come from the request.

Every repetition is bounded, as the text comes from a server that is not trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["trace", "path", "address", "credential", "upstream", "storage", "identifier"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern. ``rank`` decides between overlapping finds: the lower is the more telling."""

    kind: Kind
    rank: int
    pattern: re.Pattern[str]
    weak: bool = False
    in_urls: bool = False  # also looks inside public URLs, which are otherwise passed over
    in_labels: bool = True  # also applies to error types and codes


def _rules(
    kind: Kind,
    rank: int,
    patterns: Iterable[str],
    *,
    weak: bool = False,
    in_urls: bool = False,
    in_labels: bool = True,
) -> tuple[Rule, ...]:
    return tuple(Rule(kind, rank, re.compile(pattern), weak, in_urls, in_labels) for pattern in patterns)


RANK_CREDENTIAL = 0
RANK_TRACE_BLOCK = 1
RANK_NESTED_ERROR = 2
RANK_STORAGE = 3
RANK_ADDRESS = 4
RANK_UPSTREAM = 5
RANK_PATH = 6
RANK_IDENTIFIER = 7
RANK_TRACE = 8
RANK_MODULE = 9

_TRACE_BLOCKS = (
    r"(?s)Traceback \(most recent call last\).{0,100000}",
    r"(?s)(?:\s*(?:\\n)?\s*File \"[^\"\n]{1,300}\", line \d+, in [^\n]{1,200}(?:(?:\n|\\n)[^\n]{0,300}){0,3}?){2,}",
    r"(?s)goroutine \d+ \[[^\]\n]{1,40}\]:.{0,100000}",
    r"(?s)(?:Exception in thread \"[^\"\n]{1,80}\" )?(?:[\w.$]{3,120}(?:Exception|Error)\b[^\n]{0,300}(?:\n|\\n)\s*)?"
    r"(?:(?:\s|\\n|\\t){0,8}at [\w.$<>/]{1,200}\((?:[\w$]{1,80}\.(?:java|kt|scala|groovy)(?::\d+)?|Native Method|Unknown Source)\)"
    r"(?:[^\n]{0,200})){1,200}",
    r"(?s)(?:(?:[A-Z]\w{0,40}Error|Error): [^\n]{0,300}(?:\n|\\n|<br>))?"
    r"(?:(?:\s|\\n|&nbsp;|<br>){0,20}at (?:[^\n()]{1,200} \()?(?:file://|node:|/|[A-Za-z]:\\|webpack)[^\n()\s]{1,300}:\d+:\d+\)?){1,100}",
    r"(?s)(?:\s*(?:\\n)?#\d{1,3} (?:/[^\n]{1,300}\.php\(\d+\): |\{main\}|\[internal function\])[^\n]{0,300}){1,100}",
    r"(?s)(?:[A-Z][\w.]{3,120}Exception: [^\n]{0,300}(?:\n|\\n))?"
    r"(?:(?:\s|\\n|\\r){0,8}at [\w.`<>\[\],+]{3,200}\([^()\n]{0,200}\)(?: in [^\n]{1,300}:line \d+)?){2,100}",
    r"(?s)(?:\s*(?:\\n)?(?:from )?[\w./-]{1,200}\.rb:\d+:in [`'][^\n]{1,200}){1,100}",
    r"(?s)thread '[^'\n]{1,80}' (?:\(\d+\) )?panicked at .{0,2000}",
    r"(?s)stack backtrace:.{0,100000}",
    r"(?s)(?:^|\n|\\n|\s)panic: (?:runtime error|interface conversion|assignment to|send on|close of|sync:|reflect).{0,100000}",
    r"(?s)\[(?:stack ?trace|STACKTRACE)\].{0,100000}",
    r"(?s)(?:\[)?\{'type': '\w{1,60}', 'loc': .{0,20000}",
    r"(?s)\b(?:Stack trace|StackTrace|stacktrace|stack_trace|Backtrace):\s.{0,100000}",
)

_PYTHON_NAMES = (
    r"Key|Value|Type|Index|Attribute|Runtime|Assertion|NotImplemented|ZeroDivision|Recursion|Lookup|Name|UnboundLocal|"
    r"Import|ModuleNotFound|OS|IO|FileNotFound|FileExists|Permission|IsADirectory|NotADirectory|BlockingIO|BrokenPipe|"
    r"ChildProcess|ConnectionReset|ConnectionRefused|ConnectionAborted|Memory|Overflow|FloatingPoint|Arithmetic|Buffer|"
    r"EOF|Environment|UnicodeDecode|UnicodeEncode|Unicode|System|Syntax|Indentation|StopIteration|StopAsyncIteration|"
    r"JSONDecode|Connect|Read|Write|RemoteProtocol|LocalProtocol|Cancelled|InvalidState|IncompleteRead|"
    r"ClientConnector|ClientPayload|ClientOS|ServerDisconnected|ClientResponse|ContentType|"
    r"Range|Reference|Eval|URI|Aggregate|Axios|Fetch|Abort|NoMethod|Argument|StandardError|Uninitialized|"
    r"OutOfMemory|StackOverflow|NoClassDefFound|AbstractMethod|Linkage|EngineDead|AsyncEngineDead|EngineGenerate"
)

_TRACES = (
    # names of exceptions of a language or a library, alone or qualified by a module
    rf"\b(?:[A-Za-z_]\w{{0,60}}\.){{0,8}}(?:{_PYTHON_NAMES})Errors?\b(?!['\"`])(?:\([^\n]{{0,300}}|: [^\n]{{0,300}})?",
    r"\b(?:Action\w{3,20}|ActiveModel|ActiveSupport|Rack|Rails|Faraday|Puma|Sinatra|Grape|OpenSSL|Errno|Net|Timeout|Excon|HTTParty|Sidekiq)::[A-Z]\w{2,60}",
    r"\b(?:[a-z_]\w{0,40}\.){1,8}[A-Z]\w{0,60}(?:Error|Exception|Timeout|Warning)\b(?:\([^\n]{0,300}|: [^\n]{0,300})?",
    r"\b(?:[A-Z]\w{0,40}(?:::|\\{1,2})){1,8}[A-Z]\w{0,60}(?:Error|Exception|Failure|NotFound|Invalid)\b",
    r"\b(?:java|javax|jakarta|kotlin|kotlinx|scala|sun|jdk|reactor|io\.netty|org\.(?:springframework|apache|hibernate|eclipse)"
    r"|com\.(?:fasterxml|google\.(?:common|protobuf|api)|sun|zaxxer|netflix))\.[a-z][\w.$]{2,200}",
    r"\bSystem\.(?:[A-Z]\w{1,40}\.){0,6}[A-Z]\w{1,60}\b",
    r"\bMicrosoft\.(?:AspNetCore|EntityFrameworkCore|Data|Extensions|SemanticKernel)\.[\w.]{2,120}",
    r"<class '[\w.]{1,120}'>",
    r"<(?:[\w.]{1,120} )?object at 0x[0-9a-fA-F]{4,16}>|<[\w.]{1,120} object at 0x[0-9a-fA-F]{4,16}",
    r"\b(?:NullPointer|NullReference|ClassCast|IllegalState|IllegalArgument|IndexOutOfBounds|ArrayIndexOutOfBounds"
    r"|NumberFormat|ConcurrentModification|NoSuchElement|UnsupportedOperation|InvocationTarget|ClassNotFound|Timeout|IO"
    r"|SocketTimeout|UnknownHost|JsonProcessing|HttpMessageNotReadable|MethodArgumentNotValid|HttpRequest|TaskCanceled"
    r"|InvalidOperation|ArgumentNull|ArgumentOutOfRange|KeyNotFound|Format|ObjectDisposed|Bad(?:Http)?Request|Query"
    r"|FatalError|Error|Logic|Runtime|BadMethodCall|ClientError|ConnectionError|Throttling|ResourceNotFound|AccessDenied"
    r"|ModelNotReady|ModelError|ModelTimeout|InternalServer|ServiceUnavailable|Validation)Exception\b(?:: [^\n]{0,300})?",
)

# Names of exceptions that nobody lists: in prose only, as some servers take the API's error types from their classes.
_OTHER_NAMES = (
    r"\b(?!(?:Bad|Invalid|Unsupported)?Request|Not(?:Found|Implemented)|Authentication|Authorization|Permission(?:Denied)?Error"
    r"|Permission|Forbidden|Conflict|Validation|Unprocessable\w{0,10}|RateLimit\w{0,10}|InternalServer|Server|ServiceUnavailable"
    r"|Service|API|Api|Timeout|APITimeout|APIStatus|Quota\w{0,10}|Overloaded|Model\w{0,12}|Billing|Upstream|Client|HTTP|Http"
    r"|ContextLength\w{0,10}|Content\w{0,10}|Gateway\w{0,10}|BadGateway|Unauthorized|OpenAI)"
    r"[A-Z][a-z0-9]\w{1,60}Error(?=[:(]|$| raised| occurred)(?:\([^\n]{0,300}|: [^\n]{0,300})?",
    r"\b[A-Z][a-z0-9]\w{1,60}Exception\b(?:: [^\n]{0,300})?",
)

_RAW_TEXTS = (
    # Python
    r"\b(?:list|tuple|string|pop|deque|bytearray|array) (?:assignment )?index out of range\b",
    r"\bpop from (?:an )?empty (?:list|deque|set)\b|\bpop from empty list\b",
    r"\b(?:string|list|tuple|byte) indices must be integers\b",
    r"'[\w.]{1,80}' object (?:has no attribute|is not|does not support|cannot be|doesn't support)[^\n]{0,120}",
    r"\btype object '[\w.]{1,80}' has no attribute\b|\bmodule '[\w.]{1,80}' has no attribute\b",
    r"\bobject of type '[\w.]{1,80}' has no len\(\)|\bobject [\w.]{1,80} can't be used in 'await' expression",
    r"\bObject of type \w{1,60} is not JSON serializable\b",
    r"\bunsupported operand type\(s\) for\b|\bbad operand type for\b",
    r"\b[\w.<>]{1,120}\(\) (?:got an unexpected keyword argument|got multiple values for|missing \d+ required (?:positional|keyword-only)|takes (?:from )?\d+ )[^\n]{0,80}",
    r"\bargument of type '\w{1,60}' is not (?:iterable|a container)",
    r"\bcannot unpack non-iterable\b|\bcannot access local variable\b|\blocal variable '\w{1,60}' referenced before",
    r"\bname '\w{1,60}' is not defined\b|\b\w{1,40} is not defined\b(?= at |\n|$)",
    r"\b(?:not enough|too many) values to unpack\b|\bunhashable type: '|\bmaximum recursion depth exceeded\b",
    r"\bcan only concatenate (?:str|list|tuple)\b|\bmust be str, not \w{1,40}\b|\bexpected str instance, \w{1,40} found\b",
    r"\bexpected string or bytes-like object\b|\ba bytes-like object is required\b",
    r"\binvalid literal for int\(\) with base\b|\bcould not convert string to float\b",
    r"\b(?:float |integer )?division (?:or modulo )?by zero\b|\binteger divide by zero\b",
    r"\bdictionary (?:changed size during iteration|update sequence element)\b|\bcoroutine (?:raised StopIteration|'[\w.]{1,80}' was never awaited)",
    r"\bNo module named '?[\w.]{1,80}|\bcannot import name '\w{1,80}'|\bgenerator (?:didn't yield|already executing|raised StopIteration)",
    r"\bEvent loop is closed\b|\bis bound to a different event loop\b|\battached to a different loop\b",
    r"'[\w-]{1,20}' codec can't (?:de|en)code\b[^\n]{0,100}",
    r"\bunhandled errors in a TaskGroup\b|\bThe above exception was the direct cause\b|\bDuring handling of the above exception\b",
    r"\b\d{1,4} validation errors? for \w{1,80}\b|\binput_type=\w{1,40}\]|\[type=\w{1,60}, input_value=",
    r"'loc': [(\[]|'type': '\w{1,60}', 'loc'|\bexc_info\b|\bformat_exc\b",
    r"\b(?:original|internal|inner|raw|underlying|root) (?:exception|stack ?trace)\s*:\s",
    r"\bCaused by: |\bnested exception is\b|\bunhandled (?:exception|rejection|promise rejection)\b|\bUnhandledPromiseRejection\w{0,20}"
    r"|\bUncaught (?:\(in promise\) )?(?:[A-Z]\w{1,60}|exception)\b|\bUnhandled (?:exception|error|rejection)\b",
    # JavaScript
    r"\bCannot read propert(?:y|ies) (?:of |')|\bCannot set propert(?:y|ies) (?:of |')|\bCannot destructure property\b"
    r"|\bCannot access '\w{1,60}' before initialization",
    r"\b(?:undefined|null) is not (?:an object|a function|iterable)\b|\b[\w.$]{1,80} is not a (?:function|constructor)\b",
    r"\bConverting circular structure to JSON\b|\bMaximum call stack size exceeded\b|\bCannot find module '",
    r"\b(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ESOCKETTIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE"
    r"|ENOENT|EACCES|EPERM|EMFILE|ENOSPC|EADDRINUSE|ERR_[A-Z]{2,20}(?:_[A-Z]{2,20}){1,6}|UND_ERR_[A-Z_]{3,40})\b",
    r"\bsocket hang up\b|\bother side closed\b|\bClient network socket disconnected\b|\bfetch failed\b(?=$|:|\n)",
    # Go
    r"\bruntime error: [^\n]{3,120}|\binvalid memory address or nil pointer dereference\b|\bnil pointer dereference\b",
    r"\bjson: (?:cannot unmarshal|unsupported type|Unmarshal)[^\n]{0,160}|\bGo (?:struct field|value of type)\b[^\n]{0,120}",
    r"\bstrconv\.\w{3,20}: parsing\b|\binterface conversion: interface\b|\breflect: [a-z]|\bKey: '[\w.]{3,120}' Error:Field validation\b",
    r"\bcontext (?:deadline exceeded|canceled)\b(?: \([^)\n]{3,80}\))?|\bclient disconnected: context\b",
    r"\bhttp: (?:server closed|request body too large|read on closed|proxy error|no Location|wrote more|panic serving)[^\n]{0,80}",
    r"\bhttp2: [a-z][^\n]{5,100}|\bnet/http: [^\n]{5,100}|\btls: [a-z][^\n]{5,100}|\bx509: [a-z][^\n]{5,120}|\bstream error: stream ID \d+",
    r"\bproxyconnect tcp\b|\bconnect: connection refused\b|\b(?:read|write): (?:connection reset by peer|broken pipe)\b"
    r"|\bunexpected EOF reading\b|\bi/o timeout\b|\bno route to host\b|\buse of closed network connection\b",
    # PHP, Ruby, .NET, Rust, C++
    r"\bPHP (?:Fatal|Parse|Warning|Notice|Deprecated)\b|\bFatal error: |\bUncaught \w{1,60}(?:Error|Exception)\b",
    r"\bUndefined (?:array key|variable|index|offset|property|constant)\b[^\n]{0,60}|\bTrying to (?:access array offset|get property)\b",
    r"\bCall to (?:a member function|undefined (?:method|function))\b[^\n]{0,120}|\bmust be of type \??\w{1,60}, \w{1,60} (?:given|returned)",
    r"\bundefined (?:local variable or )?method [`'][^'\n]{1,80}' for\b|\buninitialized constant [A-Z]\w{0,60}|\bnil:NilClass\b",
    r"\bwrong number of arguments \(given\b|\bno implicit conversion of\b",
    r"\bObject reference not set to an instance\b|\bSequence contains no (?:matching )?elements\b"
    r"|\bValue cannot be null\. \(Parameter\b|\bThe given key '[^'\n]{1,80}' was not present in the dictionary\b",
    r"\bcalled `(?:Option|Result)::\w{3,30}\(\)` on\b|\bRUST_BACKTRACE\b|\(os error \d{1,4}\)|\bOs \{ code: \d{1,4}\b",
    r"\b(?:reqwest|hyper|tokio|serde_json|axum|tonic|anyhow|tower|sqlx|h2)(?:_\w{1,20})?::[\w:]{2,80}"
    r"|\bhyper::Error\b|\breqwest::Error\b|\bJoinError::|\bPoisonError\b",
    r"\bindex out of bounds: the len is\b|\battempt to (?:divide by zero|subtract with overflow|add with overflow)\b",
    r"\bterminate called after throwing\b|\bstd::(?:bad_alloc|out_of_range|runtime_error|exception|logic_error|invalid_argument|length_error)\b"
    r"|\bvector::_M_range_check\b|\bbasic_string::_?\w{2,30}|\bmap::at\b|\[json\.exception\.\w{3,40}\.\d{1,4}\][^\n]{0,200}",
    r"\bGGML_ASSERT\b|\bggml_\w{3,60}|\bllama_(?:decode|model_load|context|kv_cache|batch)\w{0,40}\b|\bsegmentation fault\b|\bcore dumped\b|\bSIG(?:SEGV|ABRT|KILL|BUS|ILL)\b",
    # engines and devices
    r"\bCUDA (?:out of memory|error|driver|kernel|runtime)\b[^\n]{0,400}|\bHIP (?:out of memory|error)\b[^\n]{0,200}"
    r"|\bcuda(?:Malloc|Memcpy|Error|Stream|Launch|Graph)\w{0,40}\b|\bcublas\w{2,40}|\bCUBLAS_\w{3,60}|\bCUDNN_\w{3,60}|\bcuDNN error\b"
    r"|\bNCCL (?:error|watchdog|timeout|operation)\b[^\n]{0,200}|\bdevice-side assert\b|\bMPS backend out of memory\b"
    r"|\bTried to allocate [\d.]{1,8} [KMG]i?B\b[^\n]{0,300}|\bGPU \d{1,2} has a total capac",
    r"\b(?:mat1 and mat2 shapes|size mismatch, got input|Expected all tensors to be on the same device|The size of tensor a)\b[^\n]{0,120}"
    r"|\btensor\(\[|\btorch\.(?:Size|cuda|float|bfloat|Tensor)\w{0,20}",
    r"\b(?:EngineCore|AsyncLLMEngine|LLMEngine|AsyncLLM|ModelRunner|KVCacheManager|TokenizerManager)\b[^\n]{0,120}"
    r"|\bBackground loop (?:has errored|is not running|is stopped)\b",
    r"\b(?:llama runner|runner) process (?:has terminated|no longer running)\b[^\n]{0,120}|\bsignal: (?:killed|aborted|segmentation fault|terminated)\b"
    r"|\bexit status \d{1,3}\b|\bexit(?:ed with)? code:? \d{1,3}\b|\bOOM ?Killed\b|\bRayTaskError\b|\bray::\w{2,60}",
    # connections, as the libraries say it
    r"\[Errno -?\d{1,5}\][^\n]{0,120}|\[SSL: [A-Z_]{3,60}\][^\n]{0,160}|\(_ssl\.c:\d+\)",
    r"\bAll connection attempts failed\b|\bServer disconnected without sending a response\b|\bpeer closed connection without sending complete\b"
    r"|\bMax retries exceeded with url\b|\bConnection aborted\.?',|\bRemote end closed connection without response\b"
    r"|\bResponse payload is not completed\b|\bName or service not known\b|\bnodename nor servname\b|\bTemporary failure in name resolution\b"
    r"|\bincomplete chunked read\b|\bSession is closed\b(?=$|\n)",
    r"\brpc error: code = \w{2,30} desc = [^\n]{0,300}|\bStatusCode\.[A-Z_]{3,30}\b|\bdebug_error_string\b|\bgrpc_status\s*[:=]|\bInactiveRpcError\b",
    # frameworks
    r"\bYou're seeing this error because you have DEBUG\b|\bWerkzeug Debugger\b|\bThe debugger caught an exception\b"
    r"|\bWhitelabel Error Page\b|\bAction Controller: Exception caught\b|\bException (?:Type|Value|Location):|\bRails\.root:"
    r"|\bAn unhandled exception occurred while processing\b|\bServlet\.service\(\) for servlet\b|\bgin\.Context\b|\[GIN(?:-debug)?\]",
    r"\bapi_key client option must be set\b|\bThe api_key client option\b|\bmissing environment variable\b|\bos\.environ\b|\bprocess\.env\.\w{2,60}",
)

_WHOLE_TEXTS = (
    # str(KeyError("choices")) is the key in quotes and nothing else
    r"\A\s*'[\w.-]{1,60}'\s*\Z",
    r"\A\s*(?:EOF|unexpected EOF|\[object Object\]|<nil>|%!\w\(.{1,60})\s*\Z",
)

_CODE_FILES = r"py[cdx]?|go|rs|js|mjs|cjs|jsx|ts|tsx|java|kt|scala|class|jar|war|rb|erb|php|phtml|cs|cshtml|dll|exe|cpp|cxx|cc|hpp|cu|cuh|lua|ex|exs|so|sh"
_OTHER_FILES = r"conf|cfg|ini|toml|env|log|sock|sqlite3?|db|pem|key|crt|gguf|ggml|safetensors|pth?|ckpt|onnx|engine|model|lock|pid|tfstate|service|ya?ml|bin|npy|pkl|parquet"
_SEGMENT = r"[\w.@+~%=-]{1,120}"
_BEFORE_PATH = r"(?<![\w/:.~%@-])(?<!\]\[)"

_PATHS = (
    # a folder that only a file system has
    rf"{_BEFORE_PATH}/(?:usr|opt|home|root|var|etc|tmp|srv|mnt|proc|lib|lib64|Users|workspace|workdir|nix|sys|vllm-workspace"
    rf"|sgl-workspace|dbfs|gpfs|lustre|nfs|efs|scratch|ephemeral|kaggle|snap|Applications|Library|run/secrets|dev/(?:shm|nvidia\w{{0,20}})"
    rf"|usr/src|private/var|private/tmp|bitnami|github/workspace|builds|conda|anaconda3|miniconda3|venv|\.venv|\.cache|\.ollama|\.aws|\.ssh|\.kube)"
    rf"(?:/{_SEGMENT}){{1,30}}",
    # a folder that may be part of a URL path too, with three levels or a file
    rf"{_BEFORE_PATH}/(?:app|code|src|build|data|datasets|model|models|checkpoints|weights|cache|storage|volumes?|content|work|go|rails|project|server|backend|application)"
    rf"(?:/{_SEGMENT}){{0,20}}/[\w.@+~%=-]{{0,120}}\.(?:{_CODE_FILES}|{_OTHER_FILES})\b(?!\.\w)",
    rf"{_BEFORE_PATH}/app(?:/{_SEGMENT}){{2,20}}",
    rf"{_BEFORE_PATH}/(?:models|model|checkpoints|weights|data|mnt|storage|volumes?)/(?:{_SEGMENT}/){{1,20}}(?:snapshots|blobs|hub|checkpoint-\d+|weights|{_SEGMENT}-(?:Instruct|Chat|GPTQ|AWQ|GGUF|FP8|Int4|bf16))\b",
    # a file of code, a configuration or weights
    rf"{_BEFORE_PATH}(?!/(?:v\d|api|docs?|static|assets|openapi|public|images?|files|downloads?)/)(?:/{_SEGMENT}){{1,30}}/[\w.@+~%=-]{{0,120}}\.(?:{_CODE_FILES}|{_OTHER_FILES})\b(?!\.\w)",
    rf"(?<![\w/:.@-])(?:[\w@+-][\w.@+-]{{0,80}}/){{1,20}}[\w@+-][\w.@+-]{{0,80}}\.(?:{_CODE_FILES})\b(?!\.\w)(?:[:(]\d+\)?)?",
    rf"\b[\w-]{{1,80}}\.(?:{_CODE_FILES})(?::\d+(?::\d+)?\b|\(\d+\)|\"?,? (?:on )?line \d+)",
    rf"\b(?:File|in|at|file|from|open|opening|loading|load|import|module) [\"'`]?[\w.-]{{1,80}}\.(?:{_CODE_FILES})\b[\"'`]?(?! files?\b)(?:,? line \d+)?",
    r"\bline \d{1,6} (?:in|of) [\w/.-]{1,200}\.(?:py|js|ts|go|rb|php|rs|java|cs)\b",
    # parts by which a tree is known anywhere
    r"(?:[\w./~-]{0,200}/)?(?:site-packages|dist-packages|node_modules|__pycache__|\.venv|\.cache/huggingface|\.ollama/models|go/pkg/mod)/[\w./@-]{0,300}",
    r"(?<!\w)~/[\w.-]{1,60}(?:/[\w.-]{1,60}){0,20}|\bfile:///?[\w./%~-]{2,300}",
    r"\b(?:s3|gs|gcs|abfss?|wasbs?|hdfs|oss|cos|r2|minio)://[\w.-]{2,80}/[^\s'\"]{0,300}",
    r"(?<![\w\\])[A-Za-z]:\\{1,2}(?:[\w .$~()-]{1,80}\\{1,2}){0,20}[A-Za-z][\w .$~()-]{2,80}",
    r"(?<![\w/])[A-Za-z]:/(?:Users|Program Files|Windows|inetpub|src|app|dev|ProgramData|code|work|projects?|temp)\b[\w ./-]{0,200}",
    r"(?<![\w\\])\\\\{1,3}[A-Za-z][\w.-]{1,60}\\{1,2}[A-Za-z$][\w$.-]{1,80}",
)

_MODULES = (
    r"(?<![\w./@-])(?:vllm|sglang|torch|transformers|fastapi|starlette|uvicorn|gunicorn|pydantic(?:_core)?|httpx|httpcore|aiohttp|urllib3|botocore"
    r"|boto3|langchain\w{0,20}|django|flask|werkzeug|celery|ray|asyncio|concurrent|grpc|grpc_status|tritonclient|tensorrt_llm|lmdeploy"
    r"|llama_cpp|text_generation_server|ctransformers|accelerate|bitsandbytes|peft|deepspeed|xformers|flash_attn|triton|tokenizers|safetensors"
    r"|huggingface_hub|numpy|scipy|anyio|h11|requests\.exceptions|vertexai|openai\.(?:resources|types|lib|_\w{2,30})|anthropic\.(?:resources|types|lib|_\w{2,30}))"
    r"\.(?!com\b|org\b|ai\b|io\b|dev\b|net\b|py\b)[A-Za-z_]\w{1,60}(?:\.\w{1,60}){0,10}(?!\.?(?:com|org|ai|io|net)\b)",
    r"(?<![\w./@-])(?:com|org|net|io|dev|cn|de|me)\.[a-z]\w{0,40}(?:\.[a-z]\w{0,40}){0,8}\.[A-Z]\w{2,80}\b",
    r"(?<![\w/])(?:github\.com|gitlab\.com|golang\.org/x|google\.golang\.org|gorm\.io)/[\w./-]{2,120}(?:@v[\w.+-]{2,40}|\.\(?\*?[A-Z]\w{0,40}\)?\.?\w{0,40}\()",
    r"\bnode:internal/[\w/]{2,80}",
)

_TO_LINE_END = r"[^\n]{0,300}"
_STORAGE = tuple(
    pattern + _TO_LINE_END
    for pattern in (
        r"\bSQLSTATE\b",
        r"\(?\b(?:psycopg[23]?|asyncpg|aiopg|pg8000|sqlalchemy|aiosqlite|sqlite3|pymysql|MySQLdb|mysql\.connector|aiomysql|pymongo|motor|bson"
        r"|redis|aioredis|kombu|amqp|aio_pika|pika|aiokafka|kafka|confluent_kafka|elasticsearch|opensearchpy|cassandra|clickhouse_\w{2,20}"
        r"|qdrant_client|pymilvus|peewee|tortoise|prisma|duckdb|pgx|gorm|mongo|sqlx|diesel|sea_orm|tokio_postgres|lettuce|jedis|memcache|aiomcache)"
        r"(?:\.|::)(?!com\b|io\b|org\b|net\b)\w{2,60}",
        r"\b(?:ActiveRecord|PG|Mysql2|SQLite3|Redis|Sequel|Mongoid|Mongo|Dalli)::\w{2,60}",
        r"\b(?:Illuminate\\{1,2}Database|Doctrine\\{1,2}|PDOException|mysqli_\w{3,30}|System\.Data\.SqlClient|Npgsql|Microsoft\.Data\.SqlClient)",
        r"\b(?:java\.sql|org\.postgresql|com\.mysql|org\.hibernate|com\.zaxxer\.hikari|oracle\.jdbc|com\.mongodb|redis\.clients|io\.lettuce)\.\w",
        r"\b(?:Operational|Programming|Integrity|Interface|Database|NotSupported|Data)Error\b(?=[:(\]]| at )",
        r"\bORA-\d{5}\b|\bSQLITE_[A-Z]{3,20}\b|\bSQLCODE\b|\bpq: |\bSQL logic error\b|\bMSSQL\b",
        r"\brelation \\*[\"'`][\w.]{1,80}\\*[\"'`] does not exist\b|\bcolumn \\*[\"'`]?[\w.]{1,80}\\*[\"'`]? (?:does not exist|of relation)\b"
        r"|\b(?:table|view|schema|sequence|database|role) \\*[\"'`][\w.]{1,80}\\*[\"'`] does not exist\b",
        r"\bno such (?:table|column)(?::|\b)|\bTable '[\w.]{1,80}' doesn't exist\b|\bUnknown column '|\bUnknown database '",
        r"\bduplicate key value violates\b|\bviolates (?:foreign key|not-null|check|unique|exclusion) constraint\b|\bDuplicate entry '"
        r"|\bUNIQUE constraint failed\b|\bFOREIGN KEY constraint failed\b|\bNOT NULL constraint failed\b",
        r"\b(?:null value in column|value too long for type character|invalid input syntax for (?:type )?(?:uuid|integer|json|bigint))\b",
        r"\bYou have an error in your SQL syntax\b|\bsyntax error at or near\b|\bnear \"[^\"\n]{1,40}\": syntax error\b",
        r"\bdeadlock detected\b|\bDeadlock found when trying\b|\bLock wait timeout exceeded\b|\bcould not serialize access\b|\bdatabase is locked\b",
        r"\bError (?:1040|1044|1045|1048|1049|1054|1062|1064|1129|1130|1146|1205|1213|1264|1292|1366|1406|1451|1452|20[01]\d)(?: \([0-9A-Z]{5}\))?: |\bERROR \d{4} \([0-9A-Z]{5}\)|\bAccess denied for user '|\bToo many connections\b"
        r"|\bMySQL server has gone away\b|\bLost connection to MySQL\b",
        r"\bremaining connection slots are reserved\b|\bsorry, too many clients\b|\bpassword authentication failed for user\b|\bno pg_hba\.conf entry\b"
        r"|\bterminating connection due to\b|\bcanceling statement due to\b|\bcurrent transaction is aborted\b"
        r"|\bconnection to server at \\*\"|\bcould not connect to server: |\bserver closed the connection unexpectedly\b|\bFATAL:  ",
        r"\bsql: (?:no rows|database is closed|connection is|Scan|transaction)\b|\bQueuePool limit of\b|\bHikariPool-\d|\bBackground on this error at: https://sqlalche",
        r"\[SQL: |\[parameters: |\bINSERT INTO [\"'`\w]|\bDELETE FROM [\"'`\w]|\bUPDATE [\"'`\w.]{1,80} SET\b"
        r"|\bSELECT\b[^\n]{1,300}\bFROM [\"'`\w]",
        r"\bWRONGTYPE Operation\b|\bREADONLY You can't write\b|\bNOAUTH Authentication\b|\bMISCONF Redis\b|\bLOADING Redis\b|\bOOM command not allowed\b"
        r"|\bMOVED \d{1,5} |\bCLUSTERDOWN\b|\bBUSYGROUP\b|\bEXECABORT\b|\bNOSCRIPT No matching\b|\bCROSSSLOT\b|\bMASTERDOWN\b|\bWRONGPASS\b",
        r"\bredis: (?:nil|connection pool|client is closed)|\bRedis(?:Error|Exception|ConnectionException|CommandTimeoutException|TimeoutException)\b"
        r"|\b(?:connect(?:ing|ion)? (?:to )?|from )(?:redis|postgres(?:ql)?|mysql|mongo(?:db)?|kafka|rabbitmq|memcached|clickhouse|elasticsearch|etcd|cassandra)(?: server)?(?: at|:|\b)"
        r"|\bError \d{1,4}(?: while)? connecting to [\w.-]{1,80}:\d|\bredis server\b|\bReplyError: |\bMaxRetriesPerRequestError\b",
        r"\bMongo(?:Server|Network|Timeout|Bulk|Pool|Runtime|Parse)\w{0,30}\b|\bE11000 duplicate key\b|\bServerSelectionTimeout\w{0,10}\b|\bMongooseError\b|\bMongoError\b"
        r"|\bCast to ObjectId failed\b|\bReplicaSetNoPrimary\b",
        r"\bKafka(?:Error|Exception|TimeoutError|Connection\w{0,20})\b|\bkafka: |\bkafka server: |\bNOT_LEADER_\w{3,30}|\bUNKNOWN_TOPIC_OR_PARTITION\b|\bLEADER_NOT_AVAILABLE\b",
        r"\bAMQP\w{3,40}|\bPRECONDITION_FAILED - |\bamqp://|\bNOT_FOUND - no (?:queue|exchange)\b|\bACCESS_REFUSED - |\bnats: |\bNATS\b.{0,20}\bresponders\b",
        r"\bPrisma\w{0,60}\b|\bInvalid `prisma\.|\bCan't reach database server\b|\bSequelize\w{3,60}|\bTypeORMError\b|\bQueryFailedError\b|\bKnex: |\bP20\d\d\b",
        r"\bDB::Exception\b|\bNoHostAvailable\w{0,20}\b|\bindex_not_found_exception\b|\bes_rejected_execution_exception\b|\bsearch_phase_execution_exception\b"
        r"|\betcdserver: |\betcdctl\b|\bProvisionedThroughputExceeded\w{0,12}\b|\bConditionalCheckFailed\w{0,12}\b|\bDynamoDB\b.{0,60}\b(?:table|operation)\b",
        r"\b(?:postgres(?:ql)?(?:\+\w{2,12})?|mysql(?:\+\w{2,12})?|mongodb(?:\+srv)?|rediss?|amqps?|sqlserver|mssql(?:\+\w{2,12})?|clickhouse|cassandra|nats|kafka|sqlite|memcached|jdbc:\w{2,20})://",
        r"\bLiteLLM_\w{3,60}Table\b|\b(?:in|from|into|on) table [`\"'][\w.]{2,80}[`\"']|\b(?:table|collection|queue|topic|index) [`\"'][a-z]+(?:[_.][a-z]+)+[`\"']",
        r"\bno rows in result set\b|\bfailed to (?:acquire|obtain|get) (?:a )?(?:db|database|jdbc|redis|sql) connection\b|\bconnection pool (?:timeout|exhausted|timed out)\b",
    )
)

_ERROR_OBJECT = r"(?:b?\\*[\"'])?\[?\{\s*(?:\\+[nrt]\s*)*\\*[\"'](?:error|errors|error_message|errorMessage|errorType|fault|detail|error_code|err|error_msg)\\*[\"']\s*:\s*(?!\s*(?:null|None)\b)"
_MESSAGE_OBJECT = (
    r"\{\s*(?:\\+[nrt]\s*)*\\*[\"'](?:message|msg|code|status|type|object|request_id|requestId|id|statusCode|status_code|Code|Message|success)\\*[\"']\s*:"
    r"[^{}]{0,600}\\*[\"'](?:message|msg|error|code|status|error_code|error_msg|Message|request_id|requestId)\\*[\"']\s*:"
)
_NESTED_ERRORS = (
    rf"(?s)(?:(?:Error|error) code: \d{{3}} - |\b\d{{3}} [A-Z][A-Za-z_ ]{{2,40}}[.:] ?)?{_ERROR_OBJECT}.{{0,20000}}",
    rf"(?s)(?:(?:Error|error) code: \d{{3}} - )?{_MESSAGE_OBJECT}.{{0,20000}}",
    r"(?s)\b(?:Error|error) code: \d{3} - (?=[{\[b]).{0,20000}",
    r"(?s)\b(?:response|body|raw|payload|upstream)(?: body| text)?\s*[:=]\s*\\*[\"'`]?\s*[{\[](?!\]|\}).{2,20000}",
    r"(?si)<(?:!doctype html|html|head|body)\b.{0,100000}",
    r"(?s)<\?xml .{0,20000}|<Error><Code>.{0,20000}",
)

PROVIDERS = (
    r"OpenAI|Azure(?: ?OpenAI| ?AI)?|Anthropic|Claude|(?:AWS |Amazon )?Bedrock|SageMaker|Vertex(?: ?AI)?|Gemini|Google(?: ?AI(?: Studio)?)?|Cohere"
    r"|Mistral(?: ?AI)?|Groq|DeepSeek|Together(?: ?AI)?|Fireworks(?: ?AI)?|Replicate|Hugging ?Face|OpenRouter|xAI|Perplexity|DeepInfra|Cerebras"
    r"|SambaNova|Novita|NVIDIA(?: NIM)?|Ollama|vLLM|SGLang|Moonshot|DashScope|Zhipu|Baidu|Qianfan|Volcengine|Doubao|MiniMax|SiliconFlow|Databricks"
    r"|watsonx|Cloudflare Workers AI|Stability(?: ?AI)?|ElevenLabs|Deepgram|Xinference|TGI|Triton|LMDeploy|Hyperbolic|Lepton|RunPod|Modal|Parasail"
)
_PROVIDER_CLASSES = (
    r"(?:Vertex_?[aA][iI](?:_beta)?|VertexAI|OpenAI|Openai|AzureOpenAI|Azure|Azure_?[aA][iI]|Anthropic|Bedrock|Cohere|Cohere_chat|Mistral|Groq|Deepseek"
    r"|Ollama|Ollama_chat|Gemini|GoogleGenAI|Palm|Together_?[aA][iI]|Fireworks_?[aA][iI]|Huggingface|Openrouter|Xai|Replicate|Sagemaker|Watsonx"
    r"|Databricks|Hosted_vllm|Vllm|VLLM|Deepinfra|Perplexity|Cloudflare|Nvidia_nim|Cerebras|Sambanova|Custom_openai|Custom|Dashscope|Moonshot"
    r"|Volcengine|Aiohttp_openai|Text-completion-openai|Litellm_proxy|Github|Github_copilot|Minimax|Novita|Snowflake)"
)

_UPSTREAM = (
    r"(?<![\w./-])litellm\.(?!ai\b)[A-Za-z_]\w{1,60}(?:[^\n]{0,400})",
    r"(?<![\w./-])LiteLLM\b[^\n]{0,120}|\blitellm_(?!params\b)\w{2,60}",
    rf"\b{_PROVIDER_CLASSES}(?:Exception|Error)\b(?: ?- ?[^\n]{{0,300}})?",
    r"\bFallbacks=\[?[^\n]{0,600}|\bReceived Model Group=|\bAvailable Model Group Fallbacks=|\bNo fallback model group found\b[^\n]{0,300}"
    r"|\bError doing the fallback\b[^\n]{0,300}|\bcontext_window_fallbacks?\b|\bNo deployments available\b[^\n]{0,200}|\bcooldown_list\b"
    r"|\bTry again in \d+ seconds\. Passed model=",
    r"(?i)\b(?:error from |the |upstream |model |llm |inference )?provider returned (?:an? )?(?:unexpected |invalid |http )?(?:error|status|response|code)\b[^\n]{0,200}",
    r"(?i)\b(?:upstream )?error from (?:upstream )?(?:provider|upstream|backend)\s*[(:\[]?\s*(?!\.)\S[^\n]{0,200}",
    rf"(?i)\bupstream error from (?:{PROVIDERS}|\w{{2,40}})\b[^\n]{{0,200}}|\bupstream (?:api |http )?error\s*:\s*\S[^\n]{{0,300}}",
    r"(?i)\bupstream(?:'s| server| service| api| provider| model| llm| backend| host| request| response| endpoint)?"
    r" (?:has |was |is )?(?:returned|responded|replied|answered|failed)(?: code)?(?: with)?(?: (?:http|status|code|error|an?))*[ :=(]{1,3}[45]\d\d\b[^\n]{0,200}",
    r"(?i)\bupstream (?:http |api )?(?:status|code|error)(?: code)?[ :=(]{1,3}(?:401|402|403|429|5\d\d)\b[^\n]{0,200}",
    r"\bupstream connect error or disconnect/reset before headers\b[^\n]{0,300}|\bno healthy upstream\b|\breset reason: [^\n]{0,120}|\btransport failure reason\b"
    r"|\bresponse_flags?=|\bfailure to get a peer from the ring-balancer\b|\bdefault backend - 404\b|\bwhile (?:connecting|reading|sending)[^\n]{0,60} upstream\b"
    r"|\bupstream prematurely closed\b|\bno live upstreams\b|\bround-trip http request to upstream\b|\berror trying to reach service\b",
    r"\A\s*upstream request timeout\s*\Z",
    r"\bdo request failed\b[^\n]{0,300}|\bbad response status code ?\d{3}\b|\bbad_response_(?:status_code|body)\b|\bget_channel_failed\b|\bdo_request_failed\b"
    r"|\brelay error\b|\bstatus_code=\d{3},",
    r"\bAn error occurred \(\w{3,60}\) when calling the \w{3,60} operation\b[^\n]{0,300}|\bbedrock[-_]runtime\b|\bInvokeModel(?:WithResponseStream)?\b|\bConverseStream\b",
    r"\bgoogle\.(?:api_core|auth|rpc|cloud|genai|protobuf)\.[\w.]{2,80}|\btype\.googleapis\.com/[\w.]{2,80}|\bgenerate_content_\w{3,60}\b|\bQuota exceeded for (?:quota )?metric\b[^\n]{0,200}"
    r"|\bPublisher Model\b[^\n]{0,200}",
    rf"\b(?:{PROVIDERS})(?:'s)?(?: API| SDK| client| provider| backend| endpoint)? (?:error|exception|returned|responded|replied|request failed|call failed|rejected|failed|status(?: code)?)\b(?:[ :]{{1,2}}[^\n]{{0,300}})?",
    r"(?i)\bprovider(?:[_ ](?:name|id))?\s*=\s*[\"']?(?P<subject>[\w./-]{2,60})[^\n]{0,100}",
    rf"\[(?:{PROVIDERS})\][^\n]{{0,200}}|\b[Pp]rovider[ =:]{{1,3}}[\"'(]?(?:{PROVIDERS})\b[^\n]{{0,100}}|\bvia (?:provider )?(?:{PROVIDERS})\b(?! SDK)",
    rf"(?i)\b(?:from|by|calling|to call|contacting|reach|connect to|against|request to) (?:the )?(?:upstream |provider |backend )?(?-i:{PROVIDERS})(?: API| provider| backend| endpoint)?\s*(?::|\(|\bwith\b|\bfailed\b)[^\n]{{0,200}}",
)
_UPSTREAM_URLS = (
    # what HTTP clients say when a call of their own failed; the URL decides nothing, as any of theirs is upstream
    r"\b(?:[Cc]lient|[Ss]erver|[Rr]edirect)(?: response| error| Error)?:? (?:'\d{3}[^'\n]{0,40}'|[^\n]{0,60}) for url:? ['\"]?(?P<subject>https?://[^\s'\"]{3,300})",
    r"\bfor url:? \(?['\"]?(?P<subject>https?://[^\s'\")]{3,300})",
    r"\b(?:Get|Post|Put|Patch|Delete|Head|GET|POST|PUT|PATCH|DELETE) \\*[\"'](?P<subject>https?://[^\s\"']{3,300})\\*[\"']?:",
    r"\[(?:GET|POST|PUT|PATCH|DELETE|HEAD)\] \\*[\"'](?P<subject>https?://[^\s\"']{3,300})",
    r"\brequest to (?P<subject>https?://\S{3,300}) failed, reason:",
    r"\bcURL error \d{1,3}:[^\n]{0,200}",
    r"\bI/O error on (?:GET|POST) request for \\*\"(?P<subject>[^\"\n]{3,300})",
    r"(?i)\b(?:base[_ ]?url|api[_ ]?base|upstream[_ ]?(?:url|endpoint|host)|endpoint[_ ]?url|target[_ ]?url)\s*[:=]\s*['\"]?(?P<subject>https?://[^\s'\"]{3,300})",
)

_POD = r"[a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){0,8}-(?=[a-z]{0,9}\d)(?=\d{0,9}[a-z])[a-z0-9]{8,10}-[a-z0-9]{5}(?![\w-])"
_PLACES = r"deployment|channel|router|cluster|pod|replica|replica[ _-]?set|worker|shard|backend|upstream|node|instance|tenant|model[_ ]group|namespace|subscription|resource[_ ]group|endpoint|queue|partition|engine"
_IDENTIFIERS = (
    rf"(?i)(?<![\w.$/\[\"'-])(?:{_PLACES}|account|organization|pool)[ _-](?:id|ids|name|uid|uuid|index|idx|number|no)\b[\"']?\s*(?:[:=#]|is\b|\()\s*[\"'`(]?(?P<subject>[\w./:-]{{1,120}})",
    rf"(?i)(?<![\w.$/\[\"'-])(?:{_PLACES})\s*[=#]\s*#?[\"'`]?(?P<subject>[\w./-]{{1,120}})",
    r"(?i)\b(?:channel|deployment|router|worker|replica|shard|pod|node|backend|account|cluster|instance|渠道|通道|账号|节点)\s*(?:id)?\s*[#＃№]\s*\d{1,10}",
    r"(?i)\b(?:worker|replica|shard|backend|pod|node|instance|deployment|router) \d{1,6}\b(?! (?:of|seconds?|minutes?|ms|tokens?))",
    r"(?i)\b(?:worker|replica|shard|backend|pod|node|cluster|deployment|instance|nodepool|node pool|host|server|container|gateway|region cluster)s?:? [\"'`(]?"
    r"(?P<subject>[a-z][a-z0-9]{0,30}(?:[-_.][a-z0-9]{1,30}){0,6}[-_]\d{1,5}(?:[a-z])?)[\"'`)]?(?![\w-])",
    r"(?i)\b(?:deployment|backend|cluster|channel|replica|pool|upstream|router)(?: named| called)? [\"'`](?P<subject>[\w./-]{2,80})[\"'`]",
    rf"\b{_POD}",
    r"(?i)\b(?:pod|replica|worker|statefulset|daemonset|job) [\"'`]?(?P<subject>[a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){1,8})[\"'`]?(?![\w-])",
    r"\barn:aws[\w-]{0,12}:[a-z0-9-]{2,30}:[a-z0-9-]{0,30}:\d{0,12}:[^\s'\"]{1,200}",
    r"\bprojects/[\w-]{3,60}/(?:locations|serviceAccounts|global|regions|zones|secrets|topics)/[^\s'\"`]{1,200}",
    r"/subscriptions/[0-9a-fA-F-]{8,36}/[^\s'\"]{0,200}|\bMicrosoft\.CognitiveServices/\S{1,120}",
    r"\bproject_number:\d{3,20}|\bfor consumer '[^'\n]{3,80}'|\b[\w.-]{3,60}@[\w.-]{3,60}\.iam\.gserviceaccount\.com\b|\bocid1\.[\w.-]{5,120}",
    r"\bi-0[0-9a-f]{8,16}\b|\bvpc-[0-9a-f]{8,17}\b|\bsubnet-[0-9a-f]{8,17}\b|\bsg-[0-9a-f]{8,17}\b|\beni-[0-9a-f]{8,17}\b",
    r"(?i)\bcontainer(?: id)?[ :=\"'`]{1,4}[0-9a-f]{12,64}\b|\bpid[=: ]{1,2}\d{2,8}\b|\bGPU-[0-9a-f]{8}-",
    r"\bx-litellm-[\w-]{2,60}|\b(?:litellm_params|api_base|upstream_model|litellm_model_name|litellm_call_id|model_mapping|channel_type|channel_name|deployment_name)\b[^\n]{0,120}",
    r"(?i)\bno (?:available|healthy|usable|enabled|matching) (?:channels?|deployments?|routers?|replicas?|workers?|backends?|pods?|instances?|nodes?|upstreams?|accounts?)\b[^\n]{0,120}",
    r"(?i)\b(?:all|\d{1,4}) (?:channels?|deployments?|replicas?|workers?|backends?|pods?|upstreams?|accounts?) (?:are|is|were|have|failed|exhausted|in cooldown|unhealthy|disabled|down|unavailable)\b[^\n]{0,80}",
    r"无可用渠道|可用渠道|该渠道|渠道[^\s，。]{0,12}(?:失败|异常|错误|禁用|不可用)|上游(?:渠道|负载|返回|错误|服务)|доступных каналов",
    r"\bno endpoints available for service\b[^\n]{0,80}|\bservices? \\*\"[\w-]{2,60}\\*\" not found\b|\bdeployments\.apps\b|\b(?:CrashLoopBackOff|ImagePullBackOff)\b|\(distributor\)",
    r"(?i)\bmodel instance [\"'`]?[\w-]{2,60}|\bin ensemble '[\w-]{1,60}'|\b(?:routed|dispatched|forwarded|assigned|sent|fell back|falling back|fallback) to (?:the )?(?:deployment|channel|backend|replica|worker|pod|node|cluster|provider|upstream) \S{1,80}",
)

RULES: tuple[Rule, ...] = (
    *_rules("trace", RANK_TRACE_BLOCK, _TRACE_BLOCKS),
    *_rules("upstream", RANK_NESTED_ERROR, _NESTED_ERRORS, in_urls=True),
    *_rules("storage", RANK_STORAGE, _STORAGE),
    *_rules("upstream", RANK_UPSTREAM, _UPSTREAM),
    *_rules("upstream", RANK_UPSTREAM, _UPSTREAM_URLS, in_urls=True),
    *_rules("path", RANK_PATH, _PATHS),
    *_rules("path", RANK_MODULE, _MODULES),
    *_rules("identifier", RANK_IDENTIFIER, _IDENTIFIERS),
    *_rules("trace", RANK_TRACE, _TRACES, weak=True),
    *_rules("trace", RANK_TRACE, _OTHER_NAMES, weak=True, in_labels=False),
    *_rules("trace", RANK_TRACE, _RAW_TEXTS, weak=True),
    *_rules("trace", RANK_TRACE, _WHOLE_TEXTS, weak=True, in_labels=False),
)
