using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Direct.Edge.BackendApi;
using Direct.Edge.Identity;
using Direct.Edge.Tests.Fakes;
using Direct.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Hosting;

public sealed class SettingsCheckTests
{
    /// <summary>Gets every setting with a range, found by reflection: its key, and the values at both ends and just outside them.</summary>
    public static TheoryData<string, string, string, string, string> Ranges
    {
        get
        {
            var data = new TheoryData<string, string, string, string, string>();
            foreach (var setting in Settings.All.Where(setting => setting.Range is not null))
            {
                var (below, least, most, above) = Ends(setting.Range!);
                data.Add(setting.Key, below, least, most, above);
            }

            return data;
        }
    }

    public static TheoryData<string> Typed =>
        [.. Settings.All.Where(setting => setting.Type != typeof(string) && !setting.IsList).Select(setting => setting.Key)];

    public static TheoryData<string, string> Renamed
    {
        get
        {
            var data = new TheoryData<string, string>();
            // Those of Direct:Cluster are settings of the gateway, and tested there.
            foreach (var setting in RenamedSettings.All.Where(static setting => !setting.Name.StartsWith("Direct:Cluster:", StringComparison.Ordinal)))
            {
                data.Add(setting.FormerName, setting.Name);
            }

            return data;
        }
    }

    public static TheoryData<string> Lists => [.. Settings.All.Where(setting => setting.IsList).Select(setting => setting.Key)];

    [Fact]
    public async Task Errors_ProductionWithoutSessions_IsOneThatSaysWhatToDo()
    {
        var error = Assert.Single(await ErrorsAsync("env=production"));

        Assert.Contains("sessions=none", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_SessionStoreInPlace_AreNone()
    {
        await using var node = WithStore();

        Assert.Empty(node.Get<SettingsCheck>().Errors);
    }

    [Fact]
    public async Task Errors_SessionStoreOfAnotherName_IsOneThatSaysWhichThereAre()
    {
        await using var node = WithStore("sessions=mysql");

        Assert.True(Names(Assert.Single(node.Get<SettingsCheck>().Errors), "Direct:Sessions:Mode", "'mysql'", "'fake'", "'none'"));
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task Errors_ValueBelowItsRange_NamesKeyAndValueAndRule(string key, string below, string least, string most, string above)
    {
        _ = (most, above);

        Assert.Contains(await ErrorsAsync($"{key}={below}"), error => Names(error, key, below, least));
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task Errors_ValueAboveItsRange_NamesKeyAndValueAndRule(string key, string below, string least, string most, string above)
    {
        _ = (below, least);

        Assert.Contains(await ErrorsAsync($"{key}={above}"), error => Names(error, key, above, most));
    }

    // Some values at the ends break a relation to another setting. They must not be reported as out of range.
    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task Errors_ValueAtEitherEnd_IsWithinItsRange(string key, string below, string least, string most, string above)
    {
        _ = (below, above);

        Assert.DoesNotContain(await ErrorsAsync($"{key}={least}"), error => error.Contains("must be from", StringComparison.Ordinal));
        Assert.DoesNotContain(await ErrorsAsync($"{key}={most}"), error => error.Contains("must be from", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Typed))]
    public async Task Errors_ValueOfTheWrongKind_NamesKeyAndValueAndRule(string key)
    {
        Assert.Contains(await ErrorsAsync($"{key}=nonsense"), error => Names(error, key, "nonsense", "must be"));
    }

    [Theory]
    [MemberData(nameof(Typed))]
    public async Task Errors_EmptyValue_NamesTheKey(string key)
    {
        Assert.Contains(await ErrorsAsync($"{key}="), error => error.Contains(key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Direct:Endpoints:Port=8o85")]
    [InlineData("Direct:Connections:PingInterval=30 s")]
    [InlineData("Direct:Connections:UnjoinedBroadcast=all")]
    [InlineData("Direct:Connections:UnjoinedBroadcast=7")]
    [InlineData("Direct:Sessions:AllowBlocked=ja")]
    [InlineData("Direct:Limits:MaxConnections=1e6")]
    [InlineData("Direct:Limits:MaxConnections=99999999999")]
    [InlineData("Direct:Endpoints:Address=localhost")]
    [InlineData("Direct:Endpoints:Address=10.0.0.256")]
    [InlineData("Direct:Sessions:Mode=all")]
    [InlineData("Direct:Identity:TrustedProxies:0=10.0.0.0/33")]
    [InlineData("Direct:Identity:TrustedProxies:0=proxy")]
    [InlineData("Direct:Identity:TrustedProxies:0=10.0.0.1/8")]
    [InlineData("Direct:Identity:TrustedProxies:0=10/8")]
    [InlineData("Direct:Signals:AllowedNetworks:0=10.0.0.1/8")]
    [InlineData("Direct:Signals:AllowedNetworks:0=none")]
    [InlineData("Direct:Signals:AllowedNetworks:0=*")]
    [InlineData("Direct:Signals:AllowedNetworks:0=")]
    [InlineData("Direct:Connections:AllowedOrigins:0=chat.example.com")]
    [InlineData("Direct:Connections:AllowedOrigins:0=https://chat.example.com/?")]
    [InlineData("Direct:Connections:AllowedOrigins:0=https://chat.example.com/#top")]
    [InlineData("Direct:Connections:AllowedOrigins:0=https://user@chat.example.com")]
    [InlineData("Direct:Connections:AllowedOrigins:0=https://chat.example.com/path")]
    [InlineData("Direct:Connections:AllowedOrigins:0=*")]
    public async Task Errors_AWrongValue_NamesKeyAndValue(string setting)
    {
        var (key, value) = (setting.Split('=')[0].Replace(":0", "", StringComparison.Ordinal), setting.Split('=')[1]);

        Assert.Contains(
            value,
            Assert.Single(await ErrorsAsync(setting), error => error.Contains(key, StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Direct:Connections:AllowedOrigins:0=https://chat.example.com")]
    [InlineData("Direct:Connections:AllowedOrigins:0=https://chat.example.com/")]
    [InlineData("Direct:Connections:AllowedOrigins:0=https://chat.example.com:443")]
    [InlineData("Direct:Connections:AllowedOrigins:0=http://localhost:3000")]
    [InlineData("Direct:Connections:AllowedOrigins:0=null")]
    [InlineData("Direct:Identity:TrustedProxies:0=none")]
    [InlineData("Direct:Identity:TrustedProxies:0=2001:db8::/32")]
    [InlineData("Direct:Identity:TrustedProxies:0=203.0.113.7")]
    [InlineData("Direct:Signals:AllowedNetworks:0=203.0.113.0/24")]
    [InlineData("Direct:Signals:Keys:0=6f1e0d9a55c84b7a9e21")]
    [InlineData("Direct:Endpoints:Address=127.0.0.1")]
    [InlineData("Direct:Endpoints:Address=::1")]
    [InlineData("Direct:Endpoints:Address=*")]
    [InlineData("Direct:Connections:UnjoinedBroadcast=EVERYONE")]
    [InlineData("Direct:Drain:ReadyDelay=00:00:00")]
    [InlineData("Direct:Limits:MessagesPerSecond=0")]
    public async Task Errors_ARightValue_AreNone(string setting)
    {
        Assert.Empty(await ErrorsAsync(setting));
    }

    [Theory]
    [InlineData("Direct:Connections:QueueBytes=131072", "Direct:Signals:MaxMessageBytes=65537")]
    [InlineData("Direct:Connections:QueueBytes=1048576", "Direct:Connections:MaxMessageBytes=524289")]
    public async Task Errors_QueueUnderTwiceTheLargestMessage_SaysSo(params string[] settings)
    {
        Assert.Contains("Direct:Connections:QueueBytes", Assert.Single(await ErrorsAsync(settings)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_QueueOfExactlyTwiceTheLargestMessage_AreNone()
    {
        Assert.Empty(await ErrorsAsync("Direct:Connections:QueueBytes=131072", "Direct:Signals:MaxMessageBytes=65536"));
    }

    [Theory]
    [InlineData("Window", "Direct:Keep:Window=00:00:09", "Direct:Connections:PingInterval=00:00:05")]
    [InlineData("Window", "Direct:Connections:SubscriptionLinger=00:02:01")]
    [InlineData("Window", "Direct:Connections:PingInterval=00:02:01", "Direct:Connections:ReadTimeout=00:05:00")]
    [InlineData("BytesPerTopic", "Direct:Keep:BytesPerTopic=131167")] // two signals of 64 KiB, and 48 bytes for each
    public async Task Errors_ThatLeaveClientsOfDirect2TooLittle_AreFoundOnlyIfItIsOn(string setting, params string[] values)
    {
        Assert.Empty(await ErrorsAsync(values));
        var error = Assert.Single(await ErrorsAsync([.. values, "Direct:Connections:Direct2=true"]));

        Assert.Contains($"Direct:Keep:{setting}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Direct:Connections:QueueBytes=131072", "Direct:Connections:MaxLaterMessageBytes=65537")]
    [InlineData("Direct:Connections:QueueBytes=1048576", "Direct:Connections:MaxLaterMessageBytes=524289")]
    public async Task Errors_QueueUnderTwiceTheLargestLaterMessage_SaysSoIfDirect2IsOn(params string[] settings)
    {
        var error = Assert.Single(await ErrorsAsync([.. settings, "Direct:Connections:Direct2=true"]));

        Assert.True(Names(error, "Direct:Connections:QueueBytes", "MaxLaterMessageBytes"), error);
        Assert.Empty(await ErrorsAsync(settings));
    }

    [Theory]
    [InlineData(null, "Direct:Connections:MaxRooms=164")]
    [InlineData("MaxFirstMessageBytes", "Direct:Connections:MaxRooms=165")]
    [InlineData("MaxFirstMessageBytes", "Direct:Connections:MaxMessageBytes=32768")]
    [InlineData("MaxFirstMessageBytes", "Direct:Connections:MaxFirstMessageBytes=32768")]
    [InlineData(null, "Direct:Connections:MaxFirstMessageBytes=1048576", "Direct:Connections:MaxRooms=357")]
    [InlineData("QueueBytes", "Direct:Connections:MaxFirstMessageBytes=1048576", "Direct:Connections:MaxRooms=358")]
    [InlineData(null, "Direct:Connections:MaxFirstMessageBytes=1048576", "Direct:Connections:MaxRooms=1000", "Direct:Connections:QueueBytes=733000")]
    public async Task Errors_AFirstMessageThatItsLimitsMakeImpossible_NamesThem(string? name, params string[] settings)
    {
        Assert.Empty(await ErrorsAsync(settings)); // direct.2 is off

        var errors = await ErrorsAsync([.. settings, "Direct:Connections:Direct2=true"]);

        Assert.Equal(name is null ? 0 : 1, errors.Count);
        Assert.All(errors, error => Assert.True(Names(error, $"Direct:Connections:{name}", "Direct:Connections:MaxRooms"), error));
    }

    [Theory]
    [InlineData("00:01:00")]
    [InlineData("00:02:00")]
    public async Task Errors_PingsNotWithinTheReadTimeout_SaysSo(string pingInterval)
    {
        Assert.Contains(
            "Direct:Connections:ReadTimeout",
            Assert.Single(await ErrorsAsync($"Direct:Connections:PingInterval={pingInterval}")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Direct:Signals:Keys:0", "Tr0ub4dor&3")]
    [InlineData("Direct:Signals:Keys:0", "")]
    [InlineData("Direct:Signals:Keys:0", "Tr0ub4dor Tr0ub4dor Tr0ub4dor")]
    [InlineData("Direct:Signals:Keys:0", "Tr0ub4dorTr0ub4dorTr0ub4dorю")]
    [InlineData("Direct:Signals:Keys:0", "Tr0Tr0Tr0Tr0Tr0Tr0Tr0Tr0Tr0Tr0")]
    [InlineData("Direct:Signals:Keys:0:1", "Tr0ub4dorTr0ub4dorTr0ub4dor")]
    [InlineData("Direct:Signals:Keys", "Tr0ub4dorTr0ub4dorTr0ub4dor")]
    public async Task Errors_AKeyThatIsNone_IsNamedAndNeverRepeated(string name, string value)
    {
        var errors = await ErrorsAsync($"{name}={value}");

        Assert.Contains(errors, error => error.Contains(name, StringComparison.Ordinal));
        Assert.DoesNotContain(errors, error => error.Contains("Tr0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Errors_TheSameKeyTwice_SaysWhich()
    {
        const string Key = "6f1e0d9a55c84b7a9e21";
        string[] settings = [$"Direct:Signals:Keys:0={Key}", "Direct:Signals:Keys:1=b0a7c4d2e1f89653770f", $"Direct:Signals:Keys:2={Key}"];

        var error = Assert.Single(await ErrorsAsync(settings));

        Assert.StartsWith("Direct:Signals:Keys:2 is the same as Direct:Signals:Keys:0", error, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1, "Direct:Signals:Keys:0=6f1e0d9a55c84b7a9e21")]
    [InlineData(1, "Direct:Signals:AllowedNetworks:0=10.0.0.0/8")]
    [InlineData(0, "Direct:Signals:AllowedNetworks:0=10.0.0.0/8", "Direct:Signals:Keys:0=6f1e0d9a55c84b7a9e21")]
    public async Task Errors_KeyAndNetworkRequired_AreNoneWhenBothAreSet(int errors, params string[] settings)
    {
        Assert.Equal(errors, (await ErrorsAsync([.. settings, "Direct:Signals:RequireKeyAndNetwork=true"])).Count);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Errors_AListAsOneValue_SaysHowItIsWritten(string key)
    {
        var error = Assert.Single(await ErrorsAsync($"{key}=10.0.0.0/8"));

        Assert.Contains($"{key}:0 ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.0", error, StringComparison.Ordinal);
    }

    // Represents an empty array in a settings file.
    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Errors_AListWithNothing_AreNone(string key)
    {
        Assert.Empty(await ErrorsAsync($"{key}="));
    }

    [Fact]
    public async Task Errors_NoPort_SaysSo()
    {
        Assert.Contains("Direct:Endpoints:Port", Assert.Single(await ErrorsAsync("port=0")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_NoPlainPortButAnEndpointOfKestrel_AreNone()
    {
        Assert.Empty(await ErrorsAsync("port=0", "Kestrel:Endpoints:Wss:Url=https://*:8443"));
    }

    [Fact]
    public async Task Errors_ManagementPortLikeThePort_SaysSo()
    {
        Assert.Contains(
            "Direct:Endpoints:ManagementPort",
            Assert.Single(await ErrorsAsync("Direct:Endpoints:ManagementPort=8085")),
            StringComparison.Ordinal);
    }

    // One run of the program must report all errors, including several of one section.
    [Theory]
    [InlineData("Direct:Connections:MaxMessageBytes=1", "Direct:Connections:TokenTimeout=00:00:00", "Direct:Limits:MaxConnections=0")]
    [InlineData("Direct:Connections:MaxMessageBytes=x", "Direct:Connections:TokenTimeout=y", "Direct:Limits:MaxConnections=z")]
    [InlineData("Direct:Connections:MaxMessageBytes=1", "Direct:Connections:PingInterval=00:10:00")]
    [InlineData("Direct:Connections:MaxMessageBytes=x", "Direct:Connections:TokenTimeout=00:00:00")]
    [InlineData("Direct:Connections:MaxMessageBytes=1", "Direct:Signals:MaxMessageBytes=x")]
    [InlineData("Direct:Connections:MaxMessageBytes=1", "Direct:Connections:AllowedOrigins:0=x", "Direct:Connections:AllowedOrigins:1=y")]
    [InlineData("Direct:Endpoints:Port=70000", "Direct:Endpoints:Address=x", "Direct:Endpoints:ManagementPort=-1")]
    [InlineData("Direct:Sessions:Timeout=00:00:00", "Direct:Sessions:Mode=x")]
    [InlineData("Direct:Identity:TrustedProxies:0=x", "Direct:Identity:TrustedProxies:1=y", "Direct:Drain:ClosesPerSecond=0")]
    public async Task Errors_Several_AreAllReportedAtOnce(params string[] settings)
    {
        var errors = await ErrorsAsync(settings);

        // The relation of PingInterval is reported under ReadTimeout.
        Assert.All(settings, setting => Assert.Contains(
            errors,
            error => Names(error, Key(setting)) && (Names(error, Value(setting)) || Names(setting, "PingInterval"))));

        static string Key(string setting) => setting.Split('=')[0]
            .Replace(":0", "", StringComparison.Ordinal)
            .Replace(":1", "", StringComparison.Ordinal)
            .Replace("PingInterval", "ReadTimeout", StringComparison.Ordinal);

        static string Value(string setting) => setting.Split('=')[1];
    }

    [Fact]
    public async Task Errors_UnknownKeysOfASectionThatTwoClassesShare_AreThoseOfNeither()
    {
        await using var node = TestComposition.Create(
            static services => services.AddDirectOptions<OtherSessionOptions>(SessionOptions.SectionName),
            "Direct:Sessions:Timeout=00:00:01", "Direct:Sessions:Other=x", "Direct:Sessions:Neither=x");

        var error = Assert.Single(node.Get<SettingsCheck>().Errors, error => Names(error, "there is no such setting"));
        Assert.True(Names(error, "Direct:Sessions:Neither is set", "Other", "Timeout"));
    }

    [Fact]
    public async Task Errors_EverySettingThereIs_IsKnown()
    {
        var settings = Settings.All.Select(setting => setting.IsList ? $"{setting.Key}:0=x" : $"{setting.Key}=x");
        await using var node = TestComposition.Create([.. settings]);

        Assert.DoesNotContain(node.Get<SettingsCheck>().Errors, error => Names(error, "there is no such setting"));
        Assert.Empty(node.Get<SettingsCheck>().UnknownSections);
    }

    [Theory]
    [InlineData("Direct:Connections:MaxMesageBytes=5", "Direct:Connections:MaxMesageBytes")]
    [InlineData("Direct:Node:IsTest=true", "Direct:Node:IsTest")]
    [InlineData("Direct:Sessions:IsNone=true", "Direct:Sessions:IsNone")]
    public async Task Errors_AnUnknownKey_IsNamedWithoutItsValue(string setting, string key)
    {
        var error = Assert.Single(await ErrorsAsync(setting));

        Assert.StartsWith($"{key} is set, and there is no such setting", error, StringComparison.Ordinal);
    }

    /// <summary>Tests the table of former names. It is data, so a misspelled entry would make the former name an unknown setting.</summary>
    [Theory]
    [MemberData(nameof(Renamed))]
    public async Task FormerName_OfEachRenamedSetting_SetsThatSetting(string formerName, string name)
    {
        Assert.Contains(Settings.All, setting => setting.Key == name);
        Assert.DoesNotContain(Settings.All, setting => setting.Key == formerName);

        await using var node = TestComposition.Create($"{formerName}=00:00:07", "env=test");

        Assert.Empty(node.Get<SettingsCheck>().Errors);
        Assert.Equal([new RenamedSetting(formerName, name)], node.Get<SettingsCheck>().FormerNames);
        Assert.Equal("00:00:07", node.Get<IConfiguration>()[name]);
    }

    [Theory]
    [InlineData("Direct:Signals:PlaceTimeout=00:00:07")]
    [InlineData("direct:signals:placetimeout=00:00:07")]
    public async Task FormerName_Given_IsInTheOptions(string setting)
    {
        await using var node = TestComposition.Create(setting, "env=test");

        Assert.Equal(TimeSpan.FromSeconds(7), node.Get<IOptions<SignalOptions>>().Value.PublishTimeout);
    }

    [Fact]
    public async Task FormerName_GivenTogetherWithTheNewOne_IsAnErrorThatNamesBoth()
    {
        var error = Assert.Single(await ErrorsAsync("Direct:Signals:PlaceTimeout=00:00:07", "Direct:Signals:PublishTimeout=00:00:07"));

        Assert.Equal(
            "Direct:Signals:PlaceTimeout and Direct:Signals:PublishTimeout are both set; only Direct:Signals:PublishTimeout must be: "
                + "it is the new name of the same setting.",
            error);
    }

    [Theory]
    [InlineData("Direct:Signals:PlaceTimeout=soon", "'soon'")]
    [InlineData("Direct:Signals:PlaceTimeout=01:00:00", "must be from")]
    [InlineData("Direct:Signals:PlaceTimeout:0=00:00:01", "is a single value")]
    public async Task FormerName_WithAWrongValue_IsNamedAsItWasGiven(string setting, string named)
    {
        var error = Assert.Single(await ErrorsAsync(setting));

        Assert.True(Names(error, "Direct:Signals:PlaceTimeout", named), error);
    }

    [Theory]
    [InlineData("Direct:Conections:MaxMessageBytes=5", "Direct:Conections")]
    [InlineData("Direct:MaxMessageBytes=5", "Direct:MaxMessageBytes")]
    public async Task UnknownSections_ATypo_IsNamed(string setting, string section)
    {
        await using var node = TestComposition.Create(setting);

        Assert.Equal([section], node.Get<SettingsCheck>().UnknownSections);
    }

    [Theory]
    [InlineData("direct:connections:maxmessagebytes=20")]
    [InlineData("Kestrel:Limits:MaxConcurrentConnections=5")]
    [InlineData("Directory:X=5")]
    public async Task Errors_OtherCasesAndOtherRoots_AreNone(string setting)
    {
        await using var node = TestComposition.Create(setting, "env=test");

        Assert.Empty(node.Get<SettingsCheck>().Errors);
        Assert.Empty(node.Get<SettingsCheck>().UnknownSections);
    }

    [Fact]
    public async Task Errors_AnUnknownArgument_IsOne()
    {
        var error = Assert.Single(await ErrorsAsync("prot=9000"));

        Assert.True(Names(error, "Argument 'prot=…' is unknown", "port=…", "Direct:Limits:MaxConnections=5000"));
    }

    private static TestComposition WithStore(params string[] settings) =>
        TestComposition.Create(static services => services.AddSessionStore("fake", _ => new FakeSessionStore(default(Session))), settings);

    private static bool Names(string error, params string[] words) => words.All(word => error.Contains(word, StringComparison.Ordinal));

    private static async Task<IReadOnlyList<string>> ErrorsAsync(params string[] settings)
    {
        var hasEnvironment = settings.Any(setting => setting.StartsWith("env=", StringComparison.Ordinal));
        await using var node = TestComposition.Create(hasEnvironment ? settings : [.. settings, "env=test"]);
        return node.Get<SettingsCheck>().Errors;
    }

    private static (string Below, string Least, string Most, string Above) Ends(RangeAttribute range)
    {
        if (range.OperandType != typeof(TimeSpan))
        {
            var least = Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture);
            var most = Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture);
            return ($"{least - 1}", $"{least}", $"{most}", $"{most + 1}");
        }

        var shortest = TimeSpan.Parse((string)range.Minimum, CultureInfo.InvariantCulture);
        var longest = TimeSpan.Parse((string)range.Maximum, CultureInfo.InvariantCulture);
        var moment = TimeSpan.FromMilliseconds(1);
        return ($"{shortest - moment}", $"{shortest}", $"{longest}", $"{longest + moment}");
    }

    private sealed class OtherSessionOptions
    {
        public string? Other { get; set; }
    }
}
