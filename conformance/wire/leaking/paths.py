"""Paths of a server's files, and of the modules of its code; never paths of URLs, or pointers into JSON."""

from __future__ import annotations

from conformance.wire.leaking.rules import one_of, rules
from conformance.wire.leaking.spans import Rank

_SEGMENT = r"[\w.@+~%=-]{1,120}"
_START = r"(?<![\w/:.~%@-])"
_CODE = one_of("""
    py[cdx]? go rs js mjs cjs jsx ts tsx java kt scala class jar war rb erb php phtml cs cshtml dll exe
    cpp cxx cc hpp cu cuh lua ex exs so sh
""")
_DATA = one_of("""
    conf cfg ini toml env log sock sqlite3? db pem key crt gguf ggml safetensors pth? ckpt onnx engine
    model lock pid tfstate service ya?ml bin npy pkl parquet
""")
# Folders that only a file system has.
_FOLDERS = one_of(r"""
    usr opt home root var etc tmp srv mnt proc lib lib64 Users workspace workdir nix sys vllm-workspace
    sgl-workspace dbfs gpfs lustre nfs efs scratch ephemeral kaggle snap Applications Library run/secrets
    dev/shm dev/nvidia\w{0,20} private/var private/tmp bitnami github/workspace builds conda anaconda3
    miniconda3 venv \.venv \.cache \.ollama \.aws \.ssh \.kube
""")
# Folders that may be part of a URL's path too.
_MAYBE = one_of("""
    app code src build data datasets models? checkpoints weights cache storage volumes? content work go
    rails project server backend application
""")
_WEIGHTS = one_of(rf"""
    snapshots blobs hub checkpoint-\d{{1,9}} weights {_SEGMENT}-(?:Instruct|Chat|GPTQ|AWQ|GGUF|FP8|Int4|bf16)
""")

_PATHS = rules(
    "path",
    Rank.PATH,
    r"""
    <START>/<FOLDERS>(?:/<SEGMENT>){1,30}
    <START>/<MAYBE>(?:/<SEGMENT>){0,20}/[\w.@+~%=-]{0,120}\.(?:<CODE>|<DATA>)\b(?!\.\w)
    <START>/app(?:/<SEGMENT>){2,20}
    <START>(?<!GET )(?<!POST )(?<!DELETE )/(?:models?|checkpoints|weights|data|storage|volumes?)/
        (?:<SEGMENT>/){0,20}<WEIGHTS>\b
    <START>(?!/(?:v\d|api|docs?|static|assets|openapi|public|images?|files|downloads?)/)
        (?:/<SEGMENT>){1,30}/[\w.@+~%=-]{0,120}\.(?:<CODE>|<DATA>)\b(?!\.\w)
    # a file of code, from some folder on, or with a line
    (?<![\w/:.@-])(?:[\w@+-][\w.@+-]{0,80}/){1,20}[\w@+-][\w.@+-]{0,80}\.<CODE>\b(?!\.\w)(?:[:(]\d+\)?)?
    \b[\w-]{1,80}\.<CODE>(?::\d+(?::\d+)?\b|\(\d+\)|\"?,? (?:on )?line \d+)
    \b(?:File|in|at|file|from|open|opening|loading|load|import|module) [\"'`]?[\w.-]{1,80}\.<CODE>\b
        [\"'`]?(?! files?\b)(?:,? line \d+)?
    \b(?:No such file or directory|[Cc]annot open|[Cc]an't open)(?: file)?:? ['\"`][^'\"`\n]{2,200}['\"`]
    (?<![\w./])\.{1,2}/(?:<SEGMENT>/){0,20}[\w.@+~%=-]{0,120}\.(?:<CODE>|<DATA>|json)\b
    \bline \d{1,6} (?:in|of) [\w/.-]{1,200}\.<CODE>\b
    # folders that give any path away
    (?:site-packages|dist-packages|node_modules|__pycache__|\.venv)/[\w./@-]{0,300}
    (?:\.cache/huggingface|\.ollama/models|go/pkg/mod)/[\w./@-]{0,300}
    (?<!\w)~/[\w.-]{1,60}(?:/[\w.-]{1,60}){0,20}
    \bfile:///?[\w./%~-]{2,300}
    \b(?:s3|gs|gcs|abfss?|wasbs?|hdfs|oss|cos|r2|minio)://[\w.-]{2,80}/[^\s'\"]{0,300}
    # Windows
    (?<![\w\\])[A-Za-z]:\\{1,2}(?:[\w .$~()-]{1,80}\\{1,2}){0,20}[A-Za-z][\w .$~()-]{2,80}
    (?<![\w/])[A-Za-z]:/(?:Users|Program Files|Windows|inetpub|src|app|dev|ProgramData|code|work|projects?
        |temp)\b[\w ./-]{0,200}
    (?<![\w\\])\\\\{1,3}[A-Za-z][\w.-]{1,60}\\{1,2}[A-Za-z$][\w$.-]{1,80}
    """,
    START=_START,
    FOLDERS=_FOLDERS,
    MAYBE=_MAYBE,
    SEGMENT=_SEGMENT,
    CODE=_CODE,
    DATA=_DATA,
    WEIGHTS=_WEIGHTS,
)

_PACKAGES = one_of(r"""
    vllm sglang torch transformers fastapi starlette uvicorn gunicorn pydantic(?:_core)? httpx httpcore
    aiohttp urllib3 botocore boto3 langchain\w{0,20} django flask werkzeug celery ray asyncio concurrent
    grpc grpc_status tritonclient tensorrt_llm lmdeploy llama_cpp text_generation_server ctransformers
    accelerate bitsandbytes peft deepspeed xformers flash_attn triton tokenizers safetensors
    huggingface_hub numpy scipy anyio h11 requests\.exceptions vertexai
    openai\.(?:resources|types|lib|_\w{2,30}) anthropic\.(?:resources|types|lib|_\w{2,30})
""")
_MODULES = rules(
    "path",
    Rank.MODULE,
    r"""
    (?<![\w./@-])<PACKAGES>\.(?!(?:com|org|ai|io|dev|net|py)\b)[A-Za-z_]\w{1,60}(?:\.\w{1,60}){0,10}
        (?!\.?(?:com|org|ai|io|net)\b)
    (?<![\w./@-])(?:com|org|net|io|dev|cn|de|me)\.[a-z]\w{0,40}(?:\.[a-z]\w{0,40}){0,8}\.[A-Z]\w{2,80}\b
    (?<![\w/])(?:github\.com|gitlab\.com|golang\.org/x|google\.golang\.org|gorm\.io)/[\w./-]{2,120}
        (?:@v[\w.+-]{2,40}|\.\(?\*?[A-Z]\w{0,40}\)?\.?\w{0,40}\()
    \bnode:internal/[\w/]{2,80}
    """,
    PACKAGES=_PACKAGES,
)

PATHS = (*_PATHS, *_MODULES)
