using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Direct.Compare.Servers;

/// <summary>Provides a certificate for the loopback, created when it is first needed.</summary>
internal static class Certificate
{
    /// <summary>Gets the settings of Kestrel with its location.</summary>
    public static string[] Arguments(Checkout checkout)
    {
        var (certificate, key) = (Path.Combine(checkout.Artifacts, "certificate.pem"), Path.Combine(checkout.Artifacts, "key.pem"));
        if (!IsUsable(certificate, key))
        {
            Directory.CreateDirectory(checkout.Artifacts);
            Make(certificate, key);
        }

        return [$"Kestrel:Endpoints:Wss:Certificate:Path={certificate}", $"Kestrel:Endpoints:Wss:Certificate:KeyPath={key}"];
    }

    private static bool IsUsable(string certificate, string key)
    {
        if (!File.Exists(certificate) || !File.Exists(key))
        {
            return false;
        }

        using var found = X509CertificateLoader.LoadCertificateFromFile(certificate);
        return found.NotAfter > DateTime.Now.AddDays(1);
    }

    private static void Make(string certificatePath, string keyPath)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
    }
}
