using System.Reflection;
using Direct.Grains.Tls;
using Direct.Testing;
using Direct.Testing.Certificates;

namespace Direct.Grains.Tests.Tls;

/// <summary>Tests that unusable files prevent the start, with an error that names each file and its problem.</summary>
public sealed class ClusterTlsOptionsTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void Validate_FilesThatFit_HasNoError()
    {
        Assert.Empty(Errors(Options(_authority.Issue())));
    }

    [Theory]
    [InlineData(nameof(ClusterTlsOptions.Certificate))]
    [InlineData(nameof(ClusterTlsOptions.Key))]
    [InlineData(nameof(ClusterTlsOptions.Authority))]
    public void Validate_OneOfThreeMissing_NamesIt(string setting)
    {
        var options = Options(_authority.Issue());
        typeof(ClusterTlsOptions).GetProperty(setting)!.SetValue(options, null);

        Assert.Contains($"Direct:ClusterTls:{setting} is not set", Assert.Single(Errors(options)), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_FileThatIsNotThere_NamesItAndTheSetting()
    {
        var options = Options(_authority.Issue());
        options.Key = "/nowhere/tls.key";

        AssertError(options, "Direct:ClusterTls:Key is '/nowhere/tls.key'", "cannot be read");
    }

    /// <summary>Regression test: the error message contained the key itself when it was configured in place of the path of its file.</summary>
    [Fact]
    public void Validate_KeyInPlaceOfItsFile_IsNotShown()
    {
        var options = Options(_authority.Issue());
        options.Key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----";

        var error = Assert.Single(Errors(options));

        Assert.Contains("Direct:ClusterTls:Key", error, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_KeyOfAnotherCertificate_NamesBoth()
    {
        var (first, second) = (_authority.Issue(), _authority.Issue());
        var options = Options(first);
        options.Key = second.KeyPath;

        AssertError(options, second.KeyPath, $"not the private key of {first.CertificatePath}");
    }

    [Fact]
    public void Validate_FileWithoutACertificate_NamesIt()
    {
        var certificate = _authority.Issue();
        var options = Options(certificate);
        options.Authority = certificate.KeyPath;

        AssertError(options, "Direct:ClusterTls:Authority", "there is no certificate");
    }

    [Fact]
    public void Validate_CertificateOfAnotherAuthority_NamesTheAuthority()
    {
        using var other = new TestAuthority();

        AssertError(Options(other.Issue()), $"no certificate in {_authority.CertificatePath}", "has signed");
    }

    [Fact]
    public void Validate_CertificateThatHasRunOut_SaysWhen()
    {
        var end = DateTimeOffset.UtcNow.AddDays(-1);

        AssertError(Options(_authority.Issue(notBefore: end.AddDays(-1), notAfter: end)), $"to {end.UtcDateTime:u}", "must be valid now");
    }

    [Theory]
    [InlineData(TestAuthority.Servers, "leaves out clients")]
    [InlineData(TestAuthority.Clients, "leaves out servers")]
    public void Validate_CertificateForOneSideOnly_SaysWhichIsMissing(string usage, string error)
    {
        AssertError(Options(_authority.Issue(usages: [usage])), error);
    }

    [Fact]
    public void Validate_CertificateWithoutTheNameOfThePeers_NamesIt()
    {
        var options = Options(_authority.Issue(name: "node.direct.test"));
        options.PeerName = "direct.internal";

        AssertError(options, "does not carry the name direct.internal");
    }

    [Fact]
    public void Validate_PeerNameThatIsAnAddress_SaysThatItIsNoName()
    {
        var options = Options(_authority.Issue());
        options.PeerName = "10.0.0.1";

        AssertError(options, "'10.0.0.1'", "DNS name");
    }

    [Fact]
    public void Document_Table_HasEverySettingAndNoOther()
    {
        var rows = Documents.Table("docs/reference/tls.md", "setting", "default", "meaning").Select(row => row[0].Split(':')[^1]);

        Assert.Equal(
            typeof(ClusterTlsOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(setting => setting.CanWrite).Select(setting => setting.Name),
            rows);
    }

    private static void AssertError(ClusterTlsOptions options, params string[] named)
    {
        var error = Assert.Single(Errors(options));
        Assert.All(named, text => Assert.Contains(text, error, StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Errors(ClusterTlsOptions options) =>
        [.. new ClusterTlsOptionsValidator().Validate(null, options).Failures ?? []];

    private ClusterTlsOptions Options(TestCertificate certificate) => new()
    {
        Certificate = certificate.CertificatePath,
        Key = certificate.KeyPath,
        Authority = _authority.CertificatePath,
    };
}
