using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Direct.Testing.Certificates;

/// <summary>Represents a certificate authority whose files are in a separate folder.</summary>
public sealed class TestAuthority : IDisposable
{
    /// <summary>Specifies the extended key usage of servers.</summary>
    public const string Servers = "1.3.6.1.5.5.7.3.1";

    /// <summary>Specifies the extended key usage of clients.</summary>
    public const string Clients = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _root;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("direct-authority-");
    private int _issued;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request("authority", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(10));
        File.WriteAllText(CertificatePath, _root.ExportCertificatePem());
    }

    /// <summary>Gets the path of a PEM file with the authority's certificate.</summary>
    public string CertificatePath => Path.Combine(_folder.FullName, "ca.crt");

    /// <summary>Signs a certificate, and writes the certificate and its key into PEM files.</summary>
    public TestCertificate Issue(
        string name = "node.direct.test", string[]? usages = null, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. (usages ?? [Servers, Clients]).Select(usage => new Oid(usage))], critical: false));
        var number = Interlocked.Increment(ref _issued);
        using var certificate = request.Create(
            _root, notBefore ?? DateTimeOffset.UtcNow.AddMinutes(-5), notAfter ?? DateTimeOffset.UtcNow.AddDays(30), BitConverter.GetBytes(number));
        var issued = new TestCertificate(Path.Combine(_folder.FullName, $"{number}.crt"), Path.Combine(_folder.FullName, $"{number}.key"));
        File.WriteAllText(issued.CertificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(issued.KeyPath, key.ExportPkcs8PrivateKeyPem());
        return issued;
    }

    public void Dispose()
    {
        _root.Dispose();
        _folder.Delete(recursive: true);
    }

    private static CertificateRequest Request(string name, ECDsa key) => new($"CN={name}", key, HashAlgorithmName.SHA256);
}

/// <summary>Represents the PEM files of a certificate and its key.</summary>
public sealed record TestCertificate(string CertificatePath, string KeyPath);
