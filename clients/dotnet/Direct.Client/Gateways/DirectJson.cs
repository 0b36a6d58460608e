using System.Text.Json.Serialization;

namespace Direct.Client;

/// <summary>Reads the answers of gateways without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AnswerJson[]))]
[JsonSerializable(typeof(UsersJson))]
[JsonSerializable(typeof(CountJson))]
[JsonSerializable(typeof(CloseResult))]
[JsonSerializable(typeof(RecheckResult))]
internal sealed partial class DirectJson : JsonSerializerContext;
