using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Direct.Grains.Tls;
using Direct.Testing.Certificates;

namespace Direct.Grains.Tests.Tls;

/// <summary>Tests which peer certificates are accepted, and what happens when the files of a running node change.</summary>
public sealed class ClusterIdentityFilesTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly ClusterTlsOptions _options;
    private readonly ClusterIdentityFiles _files;

    public ClusterIdentityFilesTests()
    {
        var certificate = _authority.Issue();
        _options = new ClusterTlsOptions { Certificate = certificate.CertificatePath, Key = certificate.KeyPath, Authority = _authority.CertificatePath };
        _files = ClusterIdentityFiles.Open(_options, DateTimeOffset.UtcNow)!;
    }

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void Refresh_AnotherCertificate_IsInUseFromThenOn()
    {
        var before = _files.Current.Certificate.SerialNumber;
        Overwrite(_authority.Issue());

        Assert.True(_files.Refresh(DateTimeOffset.UtcNow, out var errors));

        Assert.Empty(errors);
        Assert.NotEqual(before, _files.Current.Certificate.SerialNumber);
        Assert.False(_files.Refresh(DateTimeOffset.UtcNow, out _));
    }

    [Fact]
    public void Refresh_FilesThatDoNotFit_KeepsWhatThereWasAndSaysSoOnce()
    {
        var before = _files.Current;
        File.Copy(_authority.Issue().CertificatePath, _options.Certificate!, overwrite: true); // the key file is still the previous one

        Assert.True(_files.Refresh(DateTimeOffset.UtcNow, out var errors));

        Assert.Contains("not the private key", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Same(before, _files.Current);
        Assert.False(_files.Refresh(DateTimeOffset.UtcNow, out _));
    }

    [Fact]
    public void Refresh_FileThatIsAwayForAMoment_Waits()
    {
        File.Move(_options.Key!, _options.Key! + ".away");

        Assert.False(_files.Refresh(DateTimeOffset.UtcNow, out _));
    }

    [Theory]
    [InlineData(SslPolicyErrors.None, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors, false)]
    [InlineData(SslPolicyErrors.RemoteCertificateNotAvailable, false)]
    public void IsPeer_WithoutAName_RestsOnTheChainAlone(SslPolicyErrors errors, bool expected)
    {
        Assert.Equal(expected, _files.Current.IsPeer(_files.Current.Certificate, errors));
    }

    [Theory]
    [InlineData("node.direct.test", true)]
    [InlineData("stranger.direct.test", false)]
    public void IsPeer_WithAName_AsksForItInTheCertificate(string name, bool expected)
    {
        _options.PeerName = "node.direct.test";
        var identity = ClusterIdentity.Read(_options, DateTimeOffset.UtcNow, out _)!;
        using var other = X509CertificateLoader.LoadCertificateFromFile(_authority.Issue(name).CertificatePath);

        Assert.Equal(expected, identity.IsPeer(other, SslPolicyErrors.RemoteCertificateNameMismatch));
    }

    [Fact]
    public void Policy_OfTheSystemsAuthorities_TrustsNone()
    {
        using var stranger = new TestAuthority();
        using var chain = new X509Chain { ChainPolicy = _files.Current.Policy() };

        Assert.False(chain.Build(X509CertificateLoader.LoadCertificateFromFile(stranger.Issue().CertificatePath)));
    }

    private void Overwrite(TestCertificate certificate)
    {
        File.Copy(certificate.CertificatePath, _options.Certificate!, overwrite: true);
        File.Copy(certificate.KeyPath, _options.Key!, overwrite: true);
    }
}
