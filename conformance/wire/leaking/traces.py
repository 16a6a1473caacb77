"""Stack traces, names of exceptions, and what runtimes and libraries say when something of theirs fails."""

from __future__ import annotations

from conformance.wire.leaking.rules import one_of, rules
from conformance.wire.leaking.spans import Rank

_REST = r"[^\n]{0,300}"
_MESSAGE = r"(?:\([^\n]{0,300}|: [^\n]{0,300})?"

_BLOCKS = rules(
    "trace",
    Rank.TRACE_BLOCK,
    r"""
    (?s)Traceback \(most recent call last\).{0,100000}
    # two frames of Python or more, without the headline
    (?s)(?:\s{0,8}(?:\\n)?\s{0,8}File \"[^\"\n]{1,300}\", line \d+, in [^\n]{1,200}
        (?:(?:\n|\\n)[^\n]{0,300}){0,3}?){2,50}
    (?s)\[?\{'type': '\w{1,60}', 'loc': .{0,20000}
    (?s)goroutine \d+ \[[^\]\n]{1,40}\]:.{0,100000}
    (?s)(?:^|\n|\\n|\s)panic: (?:runtime error|interface conversion|assignment to|send on|close of|sync:
        |reflect).{0,100000}
    # Java
    (?s)(?:Exception in thread \"[^\"\n]{1,80}\" )?
        (?:[\w.$]{3,120}(?:Exception|Error)\b[^\n]{0,300}(?:\n|\\n)\s{0,20})?
        (?:(?:\s|\\n|\\t){0,8}at [\w.$<>/]{1,200}
        \((?:[\w$]{1,80}\.(?:java|kt|scala|groovy)(?::\d+)?|Native Method|Unknown Source)\)
        [^\n]{0,200}){1,200}
    # JavaScript
    (?s)(?:(?:[A-Z]\w{0,40}Error|Error): [^\n]{0,300}(?:\n|\\n|<br>))?
        (?:(?:\s|\\n|&nbsp;|<br>){0,20}at (?:[^\n()]{1,200} \()?
        (?:file://|node:|/|[A-Za-z]:\\|webpack)[^\n()\s]{1,300}:\d+:\d+\)?){1,100}
    # PHP
    (?s)(?:\s{0,8}(?:\\n)?\#\d{1,3} (?:/[^\n]{1,300}\.php\(\d+\): |\{main\}|\[internal function\])
        [^\n]{0,300}){1,100}
    # .NET
    (?s)(?:[A-Z][\w.]{3,120}Exception: [^\n]{0,300}(?:\n|\\n))?
        (?:(?:\s|\\n|\\r){0,8}at [\w.`<>\[\],+]{3,200}\([^()\n]{0,200}\)
        (?: in [^\n]{1,300}:line \d+)?){2,100}
    # Ruby
    (?s)(?:\s{0,8}(?:\\n)?(?:from )?[\w./-]{1,200}\.rb:\d+:in [`'][^\n]{1,200}){1,100}
    # Rust
    (?s)thread '[^'\n]{1,80}' (?:\(\d+\) )?panicked at .{0,2000}
    (?s)stack backtrace:.{0,100000}
    (?s)\[(?:stack ?trace|STACKTRACE)\].{0,100000}
    (?s)\b(?:Stack trace|StackTrace|stacktrace|stack_trace|Backtrace):\s.{0,100000}
    """,
)

_ERRORS = one_of("""
    Key Value Type Index Attribute Runtime Assertion NotImplemented ZeroDivision Recursion Lookup Name
    UnboundLocal Import ModuleNotFound OS IO FileNotFound FileExists Permission IsADirectory NotADirectory
    BlockingIO BrokenPipe ChildProcess ConnectionReset ConnectionRefused ConnectionAborted Memory Overflow
    FloatingPoint Arithmetic Buffer EOF Environment UnicodeDecode UnicodeEncode Unicode System Syntax
    Indentation StopIteration StopAsyncIteration JSONDecode Connect Read Write RemoteProtocol
    LocalProtocol Cancelled InvalidState IncompleteRead ClientConnector ClientPayload ClientOS
    ServerDisconnected ClientResponse ContentType Range Reference Eval URI Aggregate Axios Fetch Abort
    NoMethod Argument Standard Uninitialized OutOfMemory StackOverflow NoClassDefFound AbstractMethod
    Linkage EngineDead AsyncEngineDead EngineGenerate
""")
_EXCEPTIONS = one_of("""
    NullPointer NullReference ClassCast IllegalState IllegalArgument IndexOutOfBounds
    ArrayIndexOutOfBounds NumberFormat ConcurrentModification NoSuchElement UnsupportedOperation
    InvocationTarget ClassNotFound Timeout IO SocketTimeout UnknownHost JsonProcessing
    HttpMessageNotReadable MethodArgumentNotValid HttpRequest TaskCanceled InvalidOperation ArgumentNull
    ArgumentOutOfRange KeyNotFound Format ObjectDisposed BadRequest BadHttpRequest Query FatalError Error
    Logic Runtime BadMethodCall ClientError ConnectionError Throttling ResourceNotFound AccessDenied
    ModelNotReady ModelError ModelTimeout InternalServer ServiceUnavailable Validation
""")
_JAVA = one_of(r"""
    java javax jakarta kotlin kotlinx scala sun jdk reactor io\.netty org\.springframework org\.apache
    org\.hibernate org\.eclipse com\.fasterxml com\.google\.common com\.google\.protobuf com\.google\.api
    com\.sun com\.zaxxer com\.netflix
""")
_RUBY = one_of(r"""
    Action\w{3,20} ActiveModel ActiveSupport Rack Rails Faraday Puma Sinatra Grape OpenSSL Errno Net
    Timeout Excon HTTParty Sidekiq
""")
_RUST = one_of("reqwest hyper tokio serde_json axum tonic anyhow tower sqlx h2")

_NAMES = rules(
    "trace",
    Rank.TRACE,
    r"""
    \b(?:[A-Za-z_]\w{0,60}\.){0,8}<ERRORS>Errors?\b(?!['\"`])<MESSAGE>
    \b(?:[a-z_]\w{0,40}\.){1,8}[A-Z]\w{0,60}(?:Error|Exception|Timeout|Warning)\b<MESSAGE>
    \b<EXCEPTIONS>Exception\b<MESSAGE>
    \b(?:[A-Z]\w{0,40}(?:::|\\{1,2})){1,8}[A-Z]\w{0,60}(?:Error|Exception|Failure|NotFound|Invalid)\b
    \b<RUBY>::[A-Z]\w{2,60}
    \b<JAVA>\.[a-z][\w.$]{2,200}
    \b<RUST>(?:_\w{1,20})?::[\w:]{2,80}
    \b(?:JoinError::|PoisonError\b)
    \bSystem\.(?:[A-Z]\w{1,40}\.){0,6}[A-Z]\w{1,60}\b
    \bMicrosoft\.(?:AspNetCore|EntityFrameworkCore|Data|Extensions|SemanticKernel)\.[\w.]{2,120}
    <(?:class '[\w.]{1,120}'|(?:[\w.]{1,120} )?object at 0x[0-9a-fA-F]{4,16})>
    <[\w.]{1,120} object at 0x[0-9a-fA-F]{4,16}
    """,
    weak=True,
    ERRORS=_ERRORS,
    EXCEPTIONS=_EXCEPTIONS,
    JAVA=_JAVA,
    RUBY=_RUBY,
    RUST=_RUST,
    MESSAGE=_MESSAGE,
)

# Names that some servers also use for the error types of their API, and SDKs for what they raise.
_PUBLIC = one_of(r"""
    (?:Bad|Invalid|Unsupported)?Request Not(?:Found|Implemented|Allowed) Authentication Authorization
    Permission(?:Denied)? Forbidden Conflict Validation Unprocessable\w{0,10} RateLimit\w{0,10}
    InternalServer Server ServiceUnavailable Service API Api Timeout APITimeout APIStatus Quota\w{0,10}
    Overloaded Model\w{0,12} Billing Upstream Client HTTP Http ContextLength\w{0,10} Content\w{0,10}
    Gateway\w{0,10} BadGateway Unauthorized OpenAI
""")
_PROSE_NAMES = rules(
    "trace",
    Rank.TRACE,
    r"""
    \b(?!<PUBLIC>)[A-Z][a-z0-9]\w{1,60}Error(?=[:()\]]|$| raised| occurred)<MESSAGE>
    \b[A-Z][a-z0-9]\w{1,60}Exception\b<MESSAGE>
    # str(KeyError("choices")) is the key in quotes and nothing else
    \A\s{0,9}'(?!\w{0,50}_error')[\w.-]{1,60}'\s{0,9}\Z
    \A\s{0,9}(?:EOF|unexpected EOF|\[object Object\]|<nil>|%!\w\(.{1,60})\s{0,9}\Z
    """,
    weak=True,
    in_labels=False,
    PUBLIC=_PUBLIC,
    MESSAGE=_MESSAGE,
)

_PYTHON = r"""
    \b(?:list|tuple|string|pop|deque|bytearray|array) (?:assignment )?index out of range\b
    \bpop from (?:an )?empty (?:list|deque|set)\b
    \b(?:string|list|tuple|byte) indices must be integers\b
    '[\w.]{1,80}' object (?:has no attribute|is not|does not support|cannot be|doesn't support)[^\n]{0,120}
    \b(?:type object|module) '[\w.]{1,80}' has no attribute\b
    \bNoneType\b[^\n]{0,80}
    \bobject of type '[\w.]{1,80}' has no len\(\)
    \bobject [\w.]{1,80} can't be used in 'await' expression
    \bObject of type \w{1,60} is not JSON serializable\b
    \b(?:unsupported operand type\(s\)|bad operand type) for\b
    \b[\w.<>]{1,120}\(\) (?:got an unexpected keyword argument|got multiple values for)[^\n]{0,80}
    \b[\w.<>]{1,120}\(\) takes (?:from )?\d+ [^\n]{0,80}
    \b[\w.<>]{1,120}\(\) missing \d+ required (?:positional|keyword-only)[^\n]{0,80}
    \bargument of type '\w{1,60}' is not (?:iterable|a container)
    \bcannot (?:unpack non-iterable|access local variable)\b
    \blocal variable '\w{1,60}' referenced before
    \bname '\w{1,60}' is not defined\b
    \b(?:not enough|too many) values to unpack\b
    \bunexpected keyword argument '
    \bunhashable type: '
    \bmaximum recursion depth exceeded\b
    \bcan only concatenate (?:str|list|tuple)\b
    \bmust be str, not \w{1,40}\b
    \bexpected str instance, \w{1,40} found\b
    \bexpected string or bytes-like object\b
    \ba bytes-like object is required\b
    \binvalid literal for int\(\) with base\b
    \bcould not convert string to float\b
    \b(?:float |integer )?division (?:or modulo )?by zero\b
    \bdictionary (?:changed size during iteration|update sequence element)\b
    \bcoroutine (?:raised StopIteration|'[\w.]{1,80}' was never awaited)
    \bNo module named '?[\w.]{1,80}
    \bcannot import name '\w{1,80}'
    \bgenerator (?:didn't yield|already executing|raised StopIteration)
    \bEvent loop is closed\b
    \b(?:is bound to a different event|attached to a different) loop\b
    '[\w-]{1,20}' codec can't (?:de|en)code\b[^\n]{0,100}
    \bunhandled errors in a TaskGroup\b
    \b(?:The above exception was the direct cause|During handling of the above exception)\b
    \b\d{1,4} validation errors? for \w{1,80}\b
    \[type=\w{1,60}, input_value=
    \binput_type=\w{1,40}\]
    'loc': [(\[]
    \b(?:exc_info|format_exc)\b
    \bassert [\w.()\[\]]{1,60} (?:==|is|in|<|>|!=) \w
    \b(?:os\.environ\b|process\.env\.\w{2,60})
    \b(?:The )?api_key client option\b
"""
_JAVASCRIPT = r"""
    \bCannot (?:read|set) propert(?:y|ies) (?:of |')
    \bCannot destructure property\b
    \bCannot access '\w{1,60}' before initialization
    \b(?:undefined|null) is not (?:an object|a function|iterable)\b
    \b[\w.$]{1,80} is not a (?:function|constructor)\b
    \b\w{1,40} is not defined\b(?= at |\n|$)
    \bConverting circular structure to JSON\b
    \bMaximum call stack size exceeded\b
    \bCannot convert undefined or null to object\b
    \bInvalid hook call\b
    \bCannot find (?:module|package) '
    \b<ERRNO>\b
    \b(?:ERR_[A-Z]{2,20}(?:_[A-Z]{2,20}){1,6}|UND_ERR_[A-Z_]{3,40})\b
    \b(?:socket hang up|other side closed|Client network socket disconnected)\b
    \bat async Promise\.\w{2,20}\b
    \bin logits\b
    \bfetch failed\b(?=$|:|\n)
"""
_ERRNO = one_of("""
    ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND EAI_AGAIN ETIMEDOUT ESOCKETTIMEDOUT EHOSTUNREACH
    ENETUNREACH EPIPE ENOENT EACCES EPERM EMFILE ENOSPC EADDRINUSE EBADF EINVAL ENOTDIR EISDIR
""")
_GO = r"""
    \bruntime error: [^\n]{3,120}
    \b(?:invalid memory address or )?nil pointer dereference\b
    \bjson: (?:cannot unmarshal|unsupported|Unmarshal)[^\n]{0,160}
    \bGo (?:struct field|value of type)\b[^\n]{0,120}
    \bslice bounds out of range\b
    \byaml: (?:line \d|unmarshal|control)[^\n]{0,120}
    \bgoroutine\b
    \bconcurrent map (?:writes|read|iteration)\b
    \ball goroutines are asleep\b
    \b\*?errors\.errorString\b
    \bstrconv\.\w{3,20}: parsing\b
    \binterface conversion: interface\b
    \breflect: [a-z]
    \bKey: '[\w.]{3,120}' Error:Field validation\b
    \bcontext (?:deadline exceeded|canceled)\b(?: \([^)\n]{3,80}\))?
    \bhttp: (?:server closed|request body too large|read on closed|proxy error)[^\n]{0,80}
    \bhttp: (?:no Location|wrote more|panic serving)[^\n]{0,80}
    \b(?:http2|net/http|tls|x509): [a-z][^\n]{5,120}
    \bnet/http: [^\n]{5,100}
    \bstream error: stream ID \d+
    \bproxyconnect tcp\b
    \bconnect: connection refused\b
    \b(?:read|write): (?:connection reset by peer|broken pipe)\b
    \b(?:unexpected EOF reading|i/o timeout|no route to host|use of closed network connection)\b
    \[GIN(?:-debug)?\]
    \bgin\.Context\b
"""
_OTHERS = r"""
    # PHP and Ruby
    \bPHP (?:Fatal|Parse|Warning|Notice|Deprecated)\b
    \bFatal error:[ ]
    \bUncaught \w{1,60}(?:Error|Exception)\b
    \bUndefined (?:array key|variable|index|offset|property|constant)\b[^\n]{0,60}
    \bTrying to (?:access array offset|get property)\b
    \bCall to (?:a member function|undefined (?:method|function))\b[^\n]{0,120}
    \bmust be of type \??\w{1,60}, \w{1,60} (?:given|returned)
    \bundefined (?:local variable or )?method [`'][^'\n]{1,80}' for\b
    \buninitialized constant [A-Z]\w{0,60}
    \bnil:NilClass\b
    \bAllowed memory size of \d+ bytes\b
    \bMaximum execution time of \d+ seconds exceeded\b
    \bwrong number of arguments \(given\b
    \bno implicit conversion of\b
    # .NET
    \bObject reference not set to an instance\b
    \bSequence contains no (?:matching )?elements\b
    \bValue cannot be null\. \(Parameter\b
    \bThe given key '[^'\n]{1,80}' was not present in the dictionary\b
    # Rust, C and C++
    \b(?:Option|Result)::(?:unwrap|expect)\(\)
    \breqwest\b
    \bcalled `(?:Option|Result)::\w{3,30}\(\)` on\b
    \bRUST_BACKTRACE\b
    \(os error \d{1,4}\)
    \bOs \{ code: \d{1,4}\b
    \bindex out of bounds: the len is\b
    \battempt to (?:divide by zero|subtract with overflow|add with overflow)\b
    \bterminate called after throwing\b
    \bstd::(?:bad_alloc|out_of_range|runtime_error|exception|logic_error|invalid_argument|length_error)\b
    \b(?:vector|basic_string|map)::(?:_M_\w{2,30}|at)\b
    \[?\bjson\.exception\.\w{3,40}\.\d{1,4}\b<REST>
    \b(?:double free|free\(\): invalid|malloc\(\)|corrupted size vs|heap corruption)
    \blibc\+\+abi\b
    \b(?:segmentation fault|core dumped|SIG(?:SEGV|ABRT|KILL|BUS|ILL))\b
    (?i)\bsegmentation fault\b
    # Lua, Elixir
    \bbad argument \#\d to '
    \battempt to (?:index|call|compare|concatenate|perform arithmetic on) (?:a|an|local|global|field|upvalue)\b[^\n]{0,60}
    \*\* \([A-Z]\w{3,60}\)
    # in any language
    \b0x[0-9a-fA-F]{8,16}\b
    \bpanic(?:ked)?\b
    \bException: \S[^\n]{0,200}
    \b(?:uvicorn|gunicorn|starlette|asyncio|aiohttp|urllib3|asyncpg|tokio|libuv|kestrel|puma)\b(?![.\w]|==)
    \b(?:instantiate|autoload) class\b
    (?i)\bnull ?pointer\b
    (?i)\buncaught exception\b
    \bJava (?:Runtime Environment|heap space)\b
    (?i)\bsegfault\b
    \bexecutable file not found in [$%]PATH\b
    \bException in (?:ASGI|WSGI|thread|callback|worker)\b[^\n]{0,80}
    \b(?:original|internal|inner|raw|underlying|root) (?:exception|stack ?trace)\s?:\s
    \bCaused by:[ ]
    \bnested exception is\b
    (?i)\bunhandled (?:promise |runtime |async )?(?:exception|rejection|error)\b
    \bUnhandledPromiseRejection\w{0,20}
    \bUncaught (?:\(in promise\) )?(?:[A-Z]\w{1,60}|exception)\b
"""
_ENGINES = r"""
    \bCUDA (?:out of memory|error|driver|kernel|runtime)\b[^\n]{0,400}
    \bHIP (?:out of memory|error)\b[^\n]{0,200}
    \bcuda(?:Malloc|Memcpy|Error|Stream|Launch|Graph)\w{0,40}\b
    \bCUDA_ERROR_[A-Z_]{3,60}\b
    \b(?:cublas\w{2,40}|CUBLAS_\w{3,60}|CUDNN_\w{3,60}|cuDNN error)\b
    \bNCCL (?:error|watchdog|timeout|operation)\b[^\n]{0,200}
    \bdevice-side assert\b
    \bMPS backend out of memory\b
    \bTried to allocate [\d.]{1,8} [KMG]i?B\b<REST>
    \bGPU \d{1,2} has a total capac
    (?i)\bGPU (?:\d{1,2} )?(?:is )?(?:out of memory|oom)\b
    \bmat1 and mat2 shapes\b[^\n]{0,120}
    \bExpected all tensors to be on the same device\b[^\n]{0,120}
    \bThe size of tensor a\b[^\n]{0,120}
    \bSizes of tensors must match\b[^\n]{0,80}
    \bprobability tensor contains\b[^\n]{0,80}
    \bzero-size array to reduction\b
    \bcould not be broadcast together\b
    \btensor\(\[
    \btorch\.(?:Size|cuda|float|bfloat|Tensor)\w{0,20}
    \b(?:EngineCore|AsyncLLMEngine|LLMEngine|AsyncLLM|ModelRunner|KVCacheManager|TokenizerManager)\b[^\n]{0,120}
    \bBackground loop (?:has errored|is not running|is stopped)\b
    \b(?:llama )?runner process (?:has terminated|no longer running)\b[^\n]{0,120}
    \bfailed to start a llama runner\b
    \bsignal: (?:killed|aborted|segmentation fault|terminated)\b
    \bexit status \d{1,3}\b
    \bexit(?:ed with)? code:? \d{1,3}\b
    \bOOM ?Killed\b
    \b(?:RayTaskError|RayActorError|ActorDiedError)\b
    \bray::\w{2,60}
    \bGGML_ASSERT\b
    \bggml_\w{3,60}
    \bllama_(?:decode|model_load|context|kv_cache|batch)\w{0,40}\b
"""
_CONNECTIONS = r"""
    \[Errno -?\d{1,5}\][^\n]{0,120}
    \[SSL: [A-Z_]{3,60}\][^\n]{0,160}
    \(_ssl\.c:\d+\)
    \bAll connection attempts failed\b
    \bServer disconnected(?: without sending a response)?\b
    \bpeer closed connection without sending complete\b
    \bMax retries exceeded with url\b
    \bConnection aborted\.?',
    \bRemote end closed connection without response\b
    \bResponse payload is not completed\b
    \b(?:Name or service not known|nodename nor servname|Temporary failure in name resolution)\b
    \bincomplete chunked read\b
    \brpc error: code = \w{2,30} desc = <REST>
    \bStatusCode\.[A-Z_]{3,30}\b
    \b(?:debug_error_string|InactiveRpcError)\b
    \bgrpc_status\s?[:=]
"""
_FRAMEWORKS = r"""
    \bYou're seeing this error because you have DEBUG\b
    \b(?:Werkzeug Debugger|The debugger caught an exception|Whitelabel Error Page)\b
    \bAction Controller: Exception caught\b
    \bException (?:Type|Value|Location):
    \bServer Error in '/' Application\b
    \bException Report\b
    \bRails\.root:
    \bAn unhandled exception occurred while processing\b
    \bServlet\.service\(\) for servlet\b
"""
_TEXTS = rules(
    "trace",
    Rank.TRACE,
    "".join((_PYTHON, _JAVASCRIPT, _GO, _OTHERS, _ENGINES, _CONNECTIONS, _FRAMEWORKS)),
    weak=True,
    ERRNO=_ERRNO,
    REST=_REST,
)

TRACES = (*_BLOCKS, *_NAMES, *_PROSE_NAMES, *_TEXTS)
