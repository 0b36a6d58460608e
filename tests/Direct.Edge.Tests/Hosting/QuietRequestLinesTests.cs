using Direct.Edge.Tests.Fakes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Tests.Hosting;

public sealed class QuietRequestLinesTests
{
    private const string Requests = "Microsoft.AspNetCore.Hosting.Diagnostics";
    private const string BadRequests = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    public static TheoryData<string, string> Levels
    {
        get
        {
            string[] places = ["Logging:LogLevel", "Logging:Recording:LogLevel"];
            string[] categories = ["Default", "Microsoft", "Microsoft.AspNetCore", "Microsoft.*", "*"];
            var data = new TheoryData<string, string>();
            foreach (var place in places)
            {
                foreach (var category in categories)
                {
                    data.Add($"{place}:{category}=Trace", Requests);
                    data.Add($"{place}:{category}=Trace", BadRequests);
                }

                data.Add($"{place}:{Requests}=Trace", Requests);
                data.Add($"{place}:{Requests}*=Trace", Requests);
                data.Add($"{place}:{BadRequests}=Trace", BadRequests);
                data.Add($"{place}:{BadRequests.ToLowerInvariant()}=Trace", BadRequests);
            }

            return data;
        }
    }

    // A request line with key= contains a secret, and log levels are set for other reasons.
    [Theory]
    [MemberData(nameof(Levels))]
    public async Task Log_OfRequestLines_IsQuietWhateverLevelIsSet(string setting, string category)
    {
        Assert.Equal([LogLevel.Warning, LogLevel.Error, LogLevel.Critical], await LoggedAsync(category, setting));
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics.Other")]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel")]
    [InlineData("Direct.Edge.Signals.SignalEndpoint")]
    public async Task Log_OfAnythingElse_IsAsItIsSet(string category)
    {
        var logged = await LoggedAsync(category, "Logging:LogLevel:Default=Trace", "Logging:LogLevel:Microsoft.AspNetCore=Trace");

        Assert.Equal(6, logged.Count);
    }

    [Fact]
    public async Task Log_OfRequestLinesThatIsSetHigher_StaysThere()
    {
        Assert.Equal([LogLevel.Critical], await LoggedAsync(Requests, "Logging:LogLevel:Microsoft.AspNetCore=Critical"));
    }

    private static async Task<IReadOnlyList<LogLevel>> LoggedAsync(string category, params string[] settings)
    {
        using var logger = new RecordingLogger();
        var pairs = settings.Select(setting => setting.Split('=')).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(pairs).Build();
        await using var node = TestComposition.Create(services => services.AddLogging(logging => logging
            .AddConfiguration(configuration.GetSection("Logging")) // as in every host except an empty one
            .AddProvider(new RecordingProvider(logger))));

        var log = node.Get<ILoggerFactory>().CreateLogger(category);
        foreach (var level in Enum.GetValues<LogLevel>().Where(level => level is not LogLevel.None))
        {
            log.Log(level, default, "text", null, (text, _) => text);
        }

        return [.. logger.Entries.Select(entry => entry.Level)];
    }

    [ProviderAlias("Recording")]
    private sealed class RecordingProvider(RecordingLogger logger) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
        }
    }
}
