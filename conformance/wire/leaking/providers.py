"""The providers that gateways call: their names, what their clients raise, and the hosts of their APIs."""

from __future__ import annotations

import re

from conformance.wire.leaking.rules import one_of

PROVIDERS = one_of(r"""
    OpenAI Azure(?:\s?OpenAI|\s?AI)? Anthropic Claude (?:AWS\s|Amazon\s)?Bedrock SageMaker
    Vertex(?:\s?AI)? Gemini Google(?:\s?AI(?:\sStudio)?)? Cohere Mistral(?:\s?AI)? Groq DeepSeek
    Together(?:\s?AI)? Fireworks(?:\s?AI)? Replicate Hugging\s?Face OpenRouter xAI Perplexity DeepInfra
    Cerebras SambaNova Novita NVIDIA(?:\sNIM)? Ollama vLLM SGLang Moonshot DashScope Zhipu Baidu Qianfan
    Volcengine Doubao MiniMax SiliconFlow Databricks watsonx Cloudflare\sWorkers\sAI Stability(?:\s?AI)?
    ElevenLabs Deepgram Xinference TGI Triton LMDeploy Hyperbolic Lepton RunPod Modal Parasail
""")

PROVIDER_CLASSES = one_of(r"""
    Vertex_?[aA][iI](?:_beta)? OpenAI Openai AzureOpenAI Azure Azure_?[aA][iI] Anthropic Bedrock Cohere
    Cohere_chat Mistral Groq Deepseek Ollama Ollama_chat Gemini GoogleGenAI Palm Together_?[aA][iI]
    Fireworks_?[aA][iI] Huggingface Openrouter Xai Replicate Sagemaker Watsonx Databricks Hosted_vllm Vllm
    VLLM Deepinfra Perplexity Cloudflare Nvidia_nim Cerebras Sambanova Custom_openai Custom Dashscope
    Moonshot Volcengine Aiohttp_openai Text-completion-openai Litellm_proxy Github Github_copilot Minimax
    Novita Snowflake
""")

_DOMAINS = one_of(r"""
    openai\.azure\.com services\.ai\.azure\.com cognitiveservices\.azure\.com inference\.ml\.azure\.com
    models\.ai\.azure\.com azure-api\.net endpoints\.huggingface\.cloud googleapis\.com
    ml\.cloud\.ibm\.com volces\.com aliyuncs\.com baidubce\.com tencentcloudapi\.com xf-yun\.com
    runpod\.ai runpod\.net modal\.run cloud\.databricks\.com azuredatabricks\.net snowflakecomputing\.com
    api\.nvidia\.com nvcf\.nvidia\.com api\.baseten\.co
""")
_HOSTS = one_of(r"""
    (?:[\w-]{1,60}\.){1,4}amazonaws\.com api\.openai\.com api\.anthropic\.com api\.mistral\.ai
    api\.groq\.com api\.deepseek\.com api\.together\.(?:xyz|ai) api\.fireworks\.ai
    openrouter\.ai/api[\w/.-]{0,60} api\.cohere\.(?:ai|com) api\.x\.ai api\.perplexity\.ai
    api\.replicate\.com api-inference\.huggingface\.co router\.huggingface\.co open\.bigmodel\.cn
    api\.z\.ai api\.moonshot\.(?:cn|ai) api\.minimax\w{0,3}\.(?:chat|com|io) api\.siliconflow\.(?:cn|com)
    api\.baichuan-ai\.com api\.lingyiwanwu\.com api\.stepfun\.com api\.hunyuan\.cloud\.tencent\.com
    api\.cloudflare\.com gateway\.ai\.cloudflare\.com api\.sambanova\.ai api\.cerebras\.ai
    api\.deepinfra\.com api\.hyperbolic\.xyz api\.novita\.ai api\.stability\.ai api\.elevenlabs\.io
    api\.deepgram\.com api\.assemblyai\.com api\.jina\.ai chatgpt\.com/backend-api[\w/.-]{0,60}
    api\.githubcopilot\.com models\.inference\.ai\.azure\.com models\.github\.ai api\.voyageai\.com
    api\.ai21\.com api\.studio\.nebius\.(?:ai|com) api\.lepton\.ai api\.friendli\.ai api\.302\.ai
    api\.aimlapi\.com api\.upstage\.ai api\.inference\.net inference\.baseten\.co
""")
PROVIDER_HOST = re.compile(
    rf"(?i)(?<![\w.-])(?:(?:[\w-]{{1,60}}\.){{0,3}}{_DOMAINS}|{_HOSTS})(?![\w-]|\.\w)(?::\d{{1,5}})?(?:/[\w./:%-]{{0,200}})?"
)
